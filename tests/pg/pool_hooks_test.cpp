#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>
#include <atomic>
#include <future>
#include <stdexcept>

#include "pg/ask.hpp"
#include "pg/connection.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::backend_pid;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::Running;
using test::soon;
using test::value;
using namespace std::chrono_literals;

// Of two callers, the second comes while the first one's connect is already bound to fail.
TEST(PoolOpening, AFailedConnectIsNotToldToWhoCameAfterItBegan) {
  const std::string dsn = test::TestServer::instance().fresh_database();
  std::promise<void> begun;
  std::promise<void> fail;
  int connects = 0;  // one at a time
  PoolOptions options{.conninfo = "host=/nowhere/at/all", .max_connecting = 1};
  options.hooks.before_connect = [&](std::string given, Deadline) -> awaitable<std::string> {
    if (++connects > 1) co_return dsn;
    begun.set_value();
    fail.get_future().wait();
    co_return given;
  };
  Database db(std::move(options), 2);
  Running<Lease> first(db.runtime, db.pool.acquire(soon()));
  begun.get_future().wait();
  Running<Lease> second(db.runtime, db.pool.acquire(soon()));
  ASSERT_TRUE(eventually([&] { return db.pool.statistics().waiting == 2; }));
  fail.set_value();
  EXPECT_EQ(error_of([&] { return first.get(); }).kind(), ErrorKind::connect);
  EXPECT_TRUE(second.get().connection().clean());
}

TEST(PoolHooks, BeforeConnectMayGiveAnotherConnectionString) {
  const std::string dsn = test::TestServer::instance().fresh_database();
  PoolOptions options{.conninfo = "host=/nowhere/at/all"};
  options.hooks.before_connect = [dsn](std::string given, Deadline) -> awaitable<std::string> {
    EXPECT_EQ(given, "host=/nowhere/at/all");
    co_return dsn;
  };
  Database db(std::move(options));
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, query("select 1"))), 1);
}

TEST(PoolHooks, ABeforeConnectThatThrowsIsAFailedConnect) {
  PoolOptions options;
  options.hooks.before_connect = [](std::string, Deadline) -> awaitable<std::string> {
    throw std::runtime_error("the vault is shut");
    co_return "";
  };
  Database db(std::move(options));
  const Error error = error_of([&] { return db.run(db.pool.acquire(soon())); });
  EXPECT_EQ(error.kind(), ErrorKind::connect);
  EXPECT_THAT(error.what(), testing::HasSubstr("the vault is shut"));
  EXPECT_EQ(db.pool.statistics().connect_errors, 1U);
}

TEST(PoolHooks, WhatIsThrownNeedNotBeAnException) {
  std::atomic<bool> throws = false;
  PoolOptions options{.max_connections = 1};
  options.hooks.before_connect = [&](std::string given, Deadline) -> awaitable<std::string> {
    if (throws) throw 42;
    co_return given;
  };
  options.hooks.after_return = [](const ConnectionFacts&) -> bool { throw 42; };
  Database db(std::move(options));
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, query("select 1"))), 1);
  EXPECT_EQ(db.pool.statistics().retired.hook, 1U);
  throws = true;
  const Error error = error_of([&] { return db.run(db.pool.acquire(Deadline::after(1s))); });
  EXPECT_THAT(error.what(), testing::HasSubstr("last connect error: a hook threw"));
}

TEST(PoolHooks, AfterConnectPreparesEachConnectionOnce) {
  PoolOptions options{.max_connections = 1};
  options.hooks.after_connect = [](Session& fresh, Deadline deadline) -> awaitable<void> {
    (void)co_await ask(fresh, query("set application_name = 'prepared'"), deadline);
  };
  Database db(std::move(options));
  EXPECT_EQ(db.run(value<type::Text>(db.pool, query("show application_name"))), "prepared");
  (void)db.run(ask(db.pool, query("set application_name = 'changed'")));
  EXPECT_EQ(db.run(value<type::Text>(db.pool, query("show application_name"))), "changed");
}

TEST(PoolHooks, AnAfterConnectThatFailsOrLeavesATransactionIsAFailedConnect) {
  for (const char* sql : {"select 1/0", "begin"}) {
    PoolOptions options;
    options.hooks.after_connect = [sql](Session& fresh, Deadline deadline) -> awaitable<void> {
      (void)co_await ask(fresh, query(sql), deadline);
    };
    Database db(std::move(options));
    (void)error_of([&] { return db.run(db.pool.acquire(soon())); });
    const PoolStatistics now = db.pool.statistics();
    EXPECT_EQ(now.connect_errors, 1U);
    EXPECT_EQ(now.open, 0);
  }
}

TEST(PoolHooks, AConnectionRefusedAtHandOutIsReplaced) {
  PoolOptions options{.max_connections = 1};
  options.hooks.before_hand_out = [](const ConnectionFacts& facts) { return facts.uses == 0; };
  Database db(std::move(options));
  const std::int32_t first = db.run(backend_pid(db.pool));
  EXPECT_NE(db.run(backend_pid(db.pool)), first);
  EXPECT_GE(db.pool.statistics().retired.hook, 1U);
}

TEST(PoolHooks, AConnectionRefusedAtReturnIsReplacedForTheOneWhoWaits) {
  PoolOptions options{.max_connections = 1};
  options.hooks.after_return = [](const ConnectionFacts& facts) { return facts.uses < 2; };
  Database db(std::move(options));
  const std::int32_t first = db.run(backend_pid(db.pool));
  std::optional<Lease> second = db.run(db.pool.acquire(soon()));
  EXPECT_EQ(second->connection().server_pid(), first);
  test::Running<Lease> waiter(db.runtime, db.pool.acquire(soon()));
  second.reset();
  EXPECT_NE(waiter.get().connection().server_pid(), first);
  EXPECT_EQ(db.pool.statistics().retired.hook, 1U);
}

TEST(PoolHooks, AHookThatThrowsHasSaidNoAndMayCallThePool) {
  Database* self = nullptr;
  PoolOptions options{.max_connections = 1};
  options.hooks.after_return = [&self](const ConnectionFacts&) -> bool {
    if (self->pool.statistics().retired.hook == 0) throw std::runtime_error("no");
    return true;
  };
  Database db(std::move(options));
  self = &db;
  const std::int32_t first = db.run(backend_pid(db.pool));
  const std::int32_t second = db.run(backend_pid(db.pool));
  EXPECT_NE(second, first);
  EXPECT_EQ(db.run(backend_pid(db.pool)), second);
}

}  // namespace
}  // namespace loci::pg
