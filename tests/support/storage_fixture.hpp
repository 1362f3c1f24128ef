#pragma once
#include <gtest/gtest.h>
#include <cstdint>
#include <functional>
#include <loci/schema/migrator.hpp>
#include <loci/storage/postgres_storage.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pg/ask.hpp"
#include "support/database.hpp"
#include "support/partitioned_schema.hpp"

namespace loci::test {

/// The name of a database with Loci's schema in it, made once a process: what others are copied
/// from.
[[nodiscard]] inline const std::string& migrated_template() {
  static const std::string name = [] {
    std::string made = TestServer::instance().fresh_database_name();
    Runtime runtime;
    pg::Pool pool(runtime.executor(),
                  {.conninfo = TestServer::instance().dsn(made), .settings = {}});
    {
      schema::Migrator migrator(
          pool, on_partitioned_schema() ? partitioned_migrations() : schema::built_in_migrations());
      (void)runtime.wait(migrator.up(Deadline::after(std::chrono::minutes(1))));
    }
    pool.close();
    (void)pg::embedded::run_statement(TestServer::instance().admin_dsn(made), "select 1");
    // Nobody may be connected to a template when it is copied.
    pg::Pool admin(runtime.executor(),
                   {.conninfo = TestServer::instance().admin_dsn(), .settings = {}});
    const auto connected =
        query<pg::type::Text>("select count(*) from pg_stat_activity where datname = $1", made);
    EXPECT_TRUE(
        eventually([&] { return runtime.wait(value<pg::type::Int8>(admin, connected)) == 0; }));
    return made;
  }();
  return name;
}

/// Some other tenant.
[[nodiscard]] inline Uuid other_tenant() {
  return *Uuid::parse("00000000-0000-7000-8000-0000000000ff");
}

/// A fresh database with the schema in it, and a storage on it.
class StorageFixture {
public:
  explicit StorageFixture(unsigned threads = 1)
      : database(TestServer::instance().fresh_database_name(migrated_template())),
        runtime(threads),
        storage(runtime.executor(), options()) {}

  /// What another storage on the same database starts from.
  [[nodiscard]] storage::PostgresOptions options(
      Uuid tenant = storage::PostgresOptions::default_tenant()) const {
    storage::PostgresOptions made;
    made.pool.conninfo = TestServer::instance().dsn(database);
    made.tenant_id = tenant;
    return made;
  }

  /// Runs a coroutine on the loop and blocks until it is over; its exception is thrown here.
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return runtime.wait(std::move(work));
  }

  /// The first column of the only row, as the storage's own tenant.
  std::int64_t number(const std::string& sql) {
    return run(value<pg::type::Int8>(storage.pool(), query(sql)));
  }
  std::string text(const std::string& sql) {
    return run(value<pg::type::Text>(storage.pool(), query(sql)));
  }
  /// Runs SQL text of any number of statements.
  void script(std::string sql) { run(script_on_lease(std::move(sql))); }

  /// A conversation with a message for each of `contents`, by user and assistant in turn.
  storage::Conversation talk(const std::vector<std::string>& contents, std::string user = "ann",
                             std::string title = "A talk") {
    storage::NewConversation made;
    made.user_id = std::move(user);
    made.title = std::move(title);
    auto conversation = run(storage.conversations().create(std::move(made)));
    std::vector<storage::NewMessage> messages;
    for (const std::string& content : contents) {
      messages.push_back(message(content, messages.size() % 2 == 0 ? "user" : "assistant"));
    }
    (void)run(storage.messages().append(conversation.id, std::move(messages)));
    return conversation;
  }

  [[nodiscard]] static storage::NewMessage message(std::string content, std::string role = "user") {
    storage::NewMessage made;
    made.role = std::move(role);
    made.content = std::move(content);
    return made;
  }

  std::string database;
  Runtime runtime;
  storage::PostgresStorage storage;

private:
  boost::asio::awaitable<void> script_on_lease(std::string sql) {
    pg::Lease lease = co_await storage.pool().acquire(soon());
    co_await lease.script(std::move(sql), "test script", soon());
  }
};

}  // namespace loci::test
