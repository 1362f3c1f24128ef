#pragma once
#include <loci/base/error.hpp>
#include <loci/pg/session.hpp>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/database.hpp"

/// How tests put SQL to a session without a generated query, and look at what went wrong.
namespace loci::test {

using boost::asio::awaitable;

[[nodiscard]] inline pg::Lease lease(Database& db) {
  return db.run(db.pool.acquire(soon()));
}

/// `query<type::Int4>("select $1", 7)`. The text must outlive the call that sends it.
template <class... Types>
[[nodiscard]] pg::Request query(std::string_view sql, const typename Types::Value&... values) {
  pg::Request made{{.name = "TestQuery", .sql = sql}, {}};
  (made.params.template add<Types>(values), ...);
  return made;
}

/// As query(), for the shared lane: a statement that only reads.
template <class... Types>
[[nodiscard]] pg::Request reading(std::string_view sql, const typename Types::Value&... values) {
  pg::Request made = query<Types...>(sql, values...);
  made.statement.lane = pg::Lane::shared;
  return made;
}

/// One result, checked.
[[nodiscard]] inline awaitable<pg::Result> ask(pg::Session& session, pg::Request request,
                                               Deadline deadline = soon()) {
  pg::Result result = co_await session.execute_one(std::move(request), deadline);
  result.check();
  co_return result;
}

/// The first column of the only row.
template <class Type>
[[nodiscard]] awaitable<typename Type::Value> value(pg::Session& session, pg::Request request,
                                                    Deadline deadline = soon()) {
  const pg::Result result = co_await ask(session, std::move(request), deadline);
  co_return result.row(0).template get<Type>(0);
}

[[nodiscard]] inline awaitable<std::int32_t> backend_pid(pg::Session& session) {
  return value<pg::type::Int4>(session, query("select pg_backend_pid()"));
}

/// Runs a lambda that is a coroutine, keeping it alive until it is over.
template <class Work>
auto go(Database& db, Work work) {
  return db.run(work());
}

/// What `work` throws.
template <class Work>
[[nodiscard]] Error error_of(Work work) {
  try {
    (void)work();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorKind::invalid_argument, "nothing was thrown");
}

/// Waits for a condition that another party brings about.
[[nodiscard]] inline bool eventually(const std::function<bool()>& condition) {
  const Deadline deadline = soon();
  while (!condition()) {
    if (deadline.passed()) return false;
    std::this_thread::yield();
  }
  return true;
}

/// A coroutine running in the background, which the test may cancel.
template <class T>
class Running {
public:
  Running(const Runtime& runtime, awaitable<T> work)
      : strand_(boost::asio::make_strand(runtime.executor())),
        result_(boost::asio::co_spawn(
            strand_, in_optional(std::move(work)),
            boost::asio::bind_cancellation_slot(signal_.slot(), boost::asio::use_future))) {}

  /// The cancellation has been delivered when this returns.
  void cancel() {
    boost::asio::post(strand_, boost::asio::use_future([this] {
                        signal_.emit(boost::asio::cancellation_type::terminal);
                      }))
        .get();
  }
  [[nodiscard]] T get() { return std::move(*result_.get()); }

private:
  static awaitable<std::optional<T>> in_optional(awaitable<T> work) {
    co_return co_await std::move(work);
  }
  boost::asio::any_io_executor strand_;
  boost::asio::cancellation_signal signal_;
  std::future<std::optional<T>> result_;
};

}  // namespace loci::test
