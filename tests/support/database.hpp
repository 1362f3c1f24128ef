#pragma once
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "support/test_server.hpp"

namespace loci::test {

/// Long enough for anything a healthy server does; a test that waits this long has failed.
[[nodiscard]] inline Deadline soon() {
  return Deadline::after(std::chrono::seconds(30));
}

/// A fresh database (or the one the options name) with a pool on it and threads to run the loop:
/// what a test of storage starts from.
///
/// ```
/// Database db;
/// const auto row = db.run(db.pool.run(GetConversation{.id = id}, soon()));
/// ```
class Database {
public:
  explicit Database(pg::PoolOptions options = {}, unsigned threads = 1)
      : dsn(options.conninfo.empty() ? TestServer::instance().fresh_database() : options.conninfo),
        runtime(threads),
        pool(runtime.executor(), with_dsn(std::move(options), dsn)) {}

  /// Runs a coroutine on the loop and blocks until it is over; its exception is thrown here.
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return runtime.wait(std::move(work));
  }

  /// Runs SQL text of any number of statements, as psql would.
  void script(std::string sql) { run(script_on_lease(std::move(sql))); }

  std::string dsn;
  Runtime runtime;
  pg::Pool pool;

private:
  static pg::PoolOptions with_dsn(pg::PoolOptions options, const std::string& dsn) {
    options.conninfo = dsn;
    // A busy machine must not decide which connections survive a cancel.
    if (options.cancel_patience == pg::PoolOptions{}.cancel_patience) {
      options.cancel_patience = std::chrono::seconds(5);
    }
    return options;
  }
  boost::asio::awaitable<void> script_on_lease(std::string sql) {
    pg::Lease lease = co_await pool.acquire(soon());
    co_await lease.script(std::move(sql), "test script", soon());
  }
};

}  // namespace loci::test
