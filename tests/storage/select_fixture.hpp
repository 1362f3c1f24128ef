#pragma once
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/cursor_key.hpp"
#include "storage/selecting.hpp"
#include "support/storage_fixture.hpp"

namespace loci::test {

/// Runs what it is asked on another session, and keeps it.
class RecordingSession final : public pg::Session {
public:
  explicit RecordingSession(pg::Session& behind) : behind_(behind) {}

  boost::asio::awaitable<std::vector<pg::Result>> execute(std::vector<pg::Request> requests,
                                                          Deadline deadline) override {
    requests_.insert(requests_.end(), requests.begin(), requests.end());
    return behind_.execute(std::move(requests), deadline);
  }

  /// All that was asked since the last call.
  [[nodiscard]] std::vector<pg::Request> take() { return std::exchange(requests_, {}); }

private:
  pg::Session& behind_;
  std::vector<pg::Request> requests_;
};

/// A fresh database with the schema in it, and what selecting.hpp needs to find records there.
class SelectFixture {
public:
  SelectFixture()
      : database_(TestServer::instance().fresh_database_name(migrated_template())),
        pool(runtime_.executor(), {.conninfo = TestServer::instance().dsn(database_),
                                   .settings = {{"loci.tenant_id", tenant().str()}}}),
        session(pool) {}

  [[nodiscard]] static Uuid tenant() { return storage::PostgresOptions::default_tenant(); }
  [[nodiscard]] storage::Unit unit() {
    return {.session = &session, .pool = &pool, .tenant_id = tenant(), .cursor_key = &key_};
  }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return runtime_.wait(std::move(work));
  }
  /// One statement, with parameters by their types.
  template <class... Types>
  void sql(const std::string& text, const typename Types::Value&... values) {
    (void)run(ask(pool, query<Types...>(text, values...), patience()));
  }
  std::int64_t number(const std::string& text) {
    return run(value<pg::type::Int8>(pool, query(text), patience()));
  }

  template <class Record>
  storage::Page<Record> list(const storage::Filter& filter = {},
                             storage::ListOptions options = {}) {
    return run(storage::select_page<Record>(unit(), filter, std::move(options), patience()));
  }
  template <class Record>
  std::int64_t count(const storage::Filter& filter = {}) {
    return run(storage::count_matching<Record>(unit(), filter, patience()));
  }
  template <class Record>
  bool any(const storage::Filter& filter = {}) {
    return run(storage::any_matching<Record>(unit(), filter, patience()));
  }

  /// For tables that take a while to fill.
  [[nodiscard]] static Deadline patience() { return Deadline::after(std::chrono::minutes(10)); }

private:
  std::string database_;
  Runtime runtime_;
  storage::CursorKey key_{""};

public:
  pg::Pool pool;
  RecordingSession session;
};

}  // namespace loci::test
