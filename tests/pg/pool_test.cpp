#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>

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
using test::lease;
using test::query;
using test::Running;
using test::soon;
using test::TestServer;
using test::value;
using namespace std::chrono_literals;

bool waiting(const Database& db, int count) {
  return eventually([&] { return db.pool.statistics().waiting == count; });
}

TEST(Pool, GivesTheOldestWaiterTheFreedConnection) {
  Database db({.max_connections = 1});
  std::optional<Lease> held = lease(db);
  Running<Lease> first(db.runtime, db.pool.acquire(soon()));
  ASSERT_TRUE(waiting(db, 1));
  Running<Lease> second(db.runtime, db.pool.acquire(soon()));
  ASSERT_TRUE(waiting(db, 2));
  held.reset();
  {
    const Lease mine = first.get();
    EXPECT_EQ(db.pool.statistics().waiting, 1);
  }
  (void)second.get();
  EXPECT_EQ(db.pool.statistics().open, 1);
}

TEST(Pool, ReusesAConnection) {
  Database db;
  const std::int32_t first = db.run(backend_pid(db.pool));
  EXPECT_EQ(db.run(backend_pid(db.pool)), first);
}

TEST(Pool, OpensItsMinimumAhead) {
  Database db({.min_connections = 3, .start = PoolStart::eager});
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().idle == 3; }));
}

TEST(Pool, RefusesOptionsThatContradictThemselves) {
  Runtime runtime;
  for (const auto& [max, min] : {std::pair{0, 0}, std::pair{2, 3}, std::pair{2, -1}}) {
    const Error error = error_of([&] {
      Pool pool(runtime.executor(), {.max_connections = max, .min_connections = min});
      return 0;
    });
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
  }
}

TEST(Pool, AnAcquireTimeoutSaysHowManyAreInUse) {
  Database db({.max_connections = 1,
               .min_connections = 1,
               .acquire_timeout = 20ms,
               .start = PoolStart::eager});
  ASSERT_TRUE(eventually([&] { return db.pool.statistics().idle == 1; }));
  const Lease held = lease(db);
  const Error error = error_of([&] { return db.run(db.pool.acquire(soon())); });
  EXPECT_EQ(error.kind(), ErrorKind::pool_timeout);
  EXPECT_THAT(error.what(), testing::HasSubstr("1 of 1"));
  EXPECT_EQ(db.pool.statistics().timed_out, 1U);
}

TEST(Pool, TheCallersDeadlineCoversTheWaitForAConnection) {
  Database db({.max_connections = 1});
  const Lease held = lease(db);
  const Error error =
      error_of([&] { return db.run(ask(db.pool, query("select 1"), Deadline::after(20ms))); });
  EXPECT_EQ(error.kind(), ErrorKind::pool_timeout);
}

// A database that takes only as many connections as it is told.
struct LimitedDatabase : testing::Test {
  void limit(int connections) {
    admin.script("alter database " + name + " connection limit " + std::to_string(connections));
  }
  std::string name = TestServer::instance().fresh_database_name();
  Database admin{{.conninfo = TestServer::instance().admin_dsn()}};
  Database db{{.conninfo = TestServer::instance().dsn(name), .acquire_timeout = 300ms}};
};

TEST_F(LimitedDatabase, AnAcquireTimeoutCarriesTheLastConnectError) {
  limit(1);
  const Lease held = lease(db);
  const Error error = error_of([&] { return db.run(db.pool.acquire(soon())); });
  EXPECT_EQ(error.kind(), ErrorKind::pool_timeout);
  EXPECT_THAT(error.what(), testing::HasSubstr("too many connections"));
}

TEST_F(LimitedDatabase, AWaiterIsServedOnceConnectingWorksAgain) {
  Database patient({.conninfo = TestServer::instance().dsn(name), .acquire_timeout = 30s});
  const Lease held = lease(patient);
  limit(1);
  Running<Lease> waiter(patient.runtime, patient.pool.acquire(soon()));
  ASSERT_TRUE(eventually([&] { return patient.pool.statistics().connect_errors > 0; }));
  limit(5);
  EXPECT_TRUE(waiter.get().connection().clean());
}

TEST_F(LimitedDatabase, ThoseWhoWaitOutlastAnOutage) {
  Database patient({.conninfo = TestServer::instance().dsn(name), .acquire_timeout = 30s});
  const std::int32_t pid = patient.run(backend_pid(patient.pool));
  limit(0);
  (void)admin.run(
      ask(admin.pool, query<type::Int4>("select pg_terminate_backend($1, 10000)", pid)));
  Running<Lease> waiter(patient.runtime, patient.pool.acquire(soon()));
  ASSERT_TRUE(eventually([&] { return patient.pool.statistics().connect_errors > 1; }));
  EXPECT_EQ(patient.pool.statistics().waiting, 1);
  EXPECT_EQ(patient.pool.statistics().open, 0);
  limit(5);
  EXPECT_TRUE(waiter.get().connection().clean());
}

TEST(Pool, AnAbandonedTransactionIsRolledBackBeforeItsConnectionIsUsedAgain) {
  Database db({.max_connections = 1});
  db.script("create table t (id int)");
  std::int32_t pid = 0;
  {
    Transaction abandoned = db.run(Transaction::begin(db.pool, {}, soon()));
    pid = db.run(backend_pid(abandoned));
    (void)db.run(ask(abandoned, query("insert into t values (1)")));
  }
  Lease next = lease(db);
  EXPECT_TRUE(next.connection().clean());
  EXPECT_EQ(db.run(backend_pid(next)), pid);
  EXPECT_EQ(db.run(value<type::Int8>(next, query("select count(*) from t"))), 0);
}

TEST(Pool, AnIdleConnectionTheServerEndedIsReplacedUnseen) {
  Database db;
  Database other;
  const std::int32_t pid = db.run(backend_pid(db.pool));
  (void)other.run(
      ask(other.pool, query<type::Int4>("select pg_terminate_backend($1, 10000)", pid)));
  EXPECT_NE(db.run(backend_pid(db.pool)), pid);
  EXPECT_EQ(db.pool.statistics().retired.total(), 1U);
}

TEST(Pool, CloseFailsThoseWhoWaitAndThoseWhoCome) {
  Database db({.max_connections = 1});
  std::optional<Lease> held = lease(db);
  Running<Lease> waiter(db.runtime, db.pool.acquire(soon()));
  ASSERT_TRUE(waiting(db, 1));
  db.pool.close();
  EXPECT_EQ(error_of([&] { return waiter.get(); }).kind(), ErrorKind::closed);
  EXPECT_EQ(error_of([&] { return db.run(db.pool.acquire(soon())); }).kind(), ErrorKind::closed);
  EXPECT_EQ(db.run(value<type::Int4>(*held, query("select 1"))), 1);  // a lease works on
  held.reset();
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().open == 0; }));
}

TEST(Pool, ALeaseMayOutliveItsPool) {
  const std::string dsn = TestServer::instance().fresh_database();
  Runtime runtime;
  std::optional<Pool> pool(std::in_place, runtime.executor(), PoolOptions{.conninfo = dsn});
  Lease mine = runtime.wait(pool->acquire(soon()));
  pool.reset();
  EXPECT_EQ(runtime.wait(value<type::Int4>(mine, query("select 1"))), 1);
}

TEST(Pool, ACancelledWaiterLosesNoConnection) {
  Database db({.max_connections = 1});
  std::optional<Lease> held = lease(db);
  Running<Lease> waiter(db.runtime, db.pool.acquire(soon()));
  ASSERT_TRUE(waiting(db, 1));
  waiter.cancel();
  EXPECT_EQ(error_of([&] { return waiter.get(); }).kind(), ErrorKind::cancelled);
  held.reset();
  EXPECT_TRUE(lease(db).connection().clean());
  EXPECT_EQ(db.pool.statistics().open, 1);
}

TEST(Pool, ACancellationThatMeetsTheHandOverLosesNoConnection) {
  Database db({.max_connections = 1}, 2);
  for (int i = 0; i < 200; ++i) {
    std::optional<Lease> held = lease(db);
    Running<Lease> waiter(db.runtime, db.pool.acquire(soon()));
    ASSERT_TRUE(waiting(db, 1));
    std::thread giver([&] { held.reset(); });
    waiter.cancel();
    giver.join();
    try {
      (void)waiter.get();
    } catch (const std::exception&) {
      // cancelled in time
    }
  }
  EXPECT_TRUE(lease(db).connection().clean());
  EXPECT_EQ(db.pool.statistics().open, 1);
}

awaitable<int> count_right_answers(Pool& pool, std::int32_t caller, int times) {
  int right = 0;
  for (int i = 0; i < times; ++i) {
    const std::int32_t nonce = caller * 1000 + i;
    const auto answer =
        co_await value<type::Int4>(pool, query<type::Int4>("select $1::int", nonce));
    right += answer == nonce ? 1 : 0;
  }
  co_return right;
}

TEST(Pool, ServesCallersOfSeveralThreadsAtOnce) {
  Database db({.max_connections = 4}, 3);
  std::vector<std::future<int>> callers;
  for (std::int32_t i = 0; i < 20; ++i) {
    callers.push_back(boost::asio::co_spawn(
        db.runtime.executor(), count_right_answers(db.pool, i, 50), boost::asio::use_future));
  }
  for (auto& caller : callers) EXPECT_EQ(caller.get(), 50);
  EXPECT_LE(db.pool.statistics().open, 4);
}

TEST(Pool, BlockingCallersMayComeFromAnyThread) {
  Database db({.max_connections = 3}, 3);
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (std::int32_t i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] { right += db.run(count_right_answers(db.pool, i, 30)); });
    }
  }
  EXPECT_EQ(right, 180);
}

TEST(Runtime, AbandonsWhatStillRunsWhenItEnds) {
  std::future<std::int32_t> abandoned;
  {
    Database db;
    abandoned = boost::asio::co_spawn(
        db.runtime.executor(),
        value<type::Int4>(db.pool, query("select 1 from pg_sleep(600)"), Deadline::never()),
        boost::asio::use_future);
    ASSERT_TRUE(eventually([&] {
      return db.run(value<type::Bool>(db.pool, query("select exists (select from pg_stat_activity "
                                                     "where wait_event = 'PgSleep' and datname = "
                                                     "current_database())")));
    }));
  }
  EXPECT_THROW((void)abandoned.get(), std::future_error);
}

}  // namespace
}  // namespace loci::pg
