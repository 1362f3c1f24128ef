// How connections go: by age, unused, reset, unhealthy, with their server, with their pool.
#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "pg/connection.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::backend_pid;
using test::Database;
using test::error_of;
using test::eventually;
using test::lease;
using test::query;
using test::reading;
using test::Running;
using test::soon;
using test::value;
using namespace std::chrono_literals;

// Opens `count` connections and leaves them idle.
void fill(Database& db, int count) {
  std::vector<Lease> leases;
  for (int i = 0; i < count; ++i) leases.push_back(lease(db));
}

void terminate(Database& other, std::int32_t pid) {
  (void)other.run(
      ask(other.pool, query<type::Int4>("select pg_terminate_backend($1, 10000)", pid)));
}

TEST(PoolUpkeep, AConnectionPastItsLifetimeIsClosedWhenItComesBack) {
  Database db({.max_connections = 1, .max_lifetime = 1ms, .health_check_period = 0ms});
  std::optional<Lease> first = lease(db);
  const std::int32_t pid = first->connection().server_pid();
  const auto old = first->connection().tenure().expires;
  ASSERT_TRUE(eventually([&] { return Deadline::Clock::now() >= old; }));
  first.reset();
  EXPECT_NE(lease(db).connection().server_pid(), pid);
  EXPECT_GE(db.pool.statistics().retired.lifetime, 1U);
}

TEST(PoolUpkeep, IdleConnectionsPastTheirLifetimeGoByThemselves) {
  Database db({.max_lifetime = 50ms, .health_check_period = 1ms});
  {
    const Lease one = lease(db);
  }
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().open == 0; }));
  EXPECT_EQ(db.pool.statistics().retired.total(), db.pool.statistics().retired.lifetime);
}

TEST(PoolUpkeep, UnusedConnectionsGoDownToTheMinimum) {
  Database db({.min_connections = 2, .max_idle_time = 5ms, .health_check_period = 1ms});
  fill(db, 4);
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().open == 2; }));
  EXPECT_EQ(db.pool.statistics().retired.idle, 2U);
}

TEST(PoolUpkeep, AnEagerPoolMakesUpForWhatGoes) {
  Database db({.min_connections = 2,
               .start = PoolStart::eager,
               .max_lifetime = 30ms,
               .health_check_period = 1ms});
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().opened >= 6; }));
  EXPECT_LE(db.pool.statistics().open, 30);
}

TEST(PoolUpkeep, AProbeFindsAnIdleConnectionThatTheServerEnded) {
  Database db({.health_check_period = 1ms});
  Database other;
  const std::int32_t pid = db.run(backend_pid(db.pool));
  terminate(other, pid);
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().retired.health_check == 1; }));
  EXPECT_NE(db.run(backend_pid(db.pool)), pid);
}

TEST(PoolUpkeep, ProbesKeepHealthyConnections) {
  Database db({.max_connections = 3, .health_check_period = 1ms});
  fill(db, 3);
  std::optional<Lease> one = lease(db);
  const auto used = one->connection().tenure().last_used;
  one.reset();
  // Probed at least once since, and used for nothing else.
  ASSERT_TRUE(eventually([&] {
    Lease mine = lease(db);
    const Tenure tenure = mine.connection().tenure();
    return tenure.proven > tenure.last_used && tenure.last_used > used;
  }));
  EXPECT_EQ(db.pool.statistics().retired.total(), 0U);
  EXPECT_EQ(db.pool.statistics().opened, 3U);
}

TEST(PoolUpkeep, ResetClosesIdleConnectionsNowAndLeasedOnesWhenTheyComeBack) {
  Database db({.max_connections = 2});
  fill(db, 2);
  std::optional<Lease> held = lease(db);
  const std::int32_t pid = held->connection().server_pid();
  db.pool.reset();
  EXPECT_EQ(db.run(backend_pid(*held)), pid) << "a lease works on";
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().open == 1; }));
  held.reset();
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().open == 0; }));
  EXPECT_EQ(db.pool.statistics().retired.reset, 2U);
  EXPECT_NE(db.run(backend_pid(db.pool)), pid);
}

TEST(PoolUpkeep, WaitClosedWaitsForTheLastLease) {
  Database db;
  fill(db, 2);
  std::optional<Lease> held = lease(db);
  db.pool.close();
  const Error early =
      error_of([&] { return db.run(db.pool.wait_closed(Deadline::after(20ms))), 0; });
  EXPECT_EQ(early.kind(), ErrorKind::timeout);
  EXPECT_THAT(early.what(), testing::HasSubstr("not closed yet"));
  std::thread giver([&] { held.reset(); });
  db.run(db.pool.wait_closed(soon()));
  giver.join();
  EXPECT_EQ(db.pool.statistics().open, 0);
  db.run(db.pool.wait_closed(soon()));  // and again, when there is nothing to wait for
}

TEST(PoolFailover, AServerThatEndsConnectionsRetiresAllOfThem) {
  Database db({.max_connections = 3});
  Database other;
  fill(db, 3);
  Lease hit = lease(db);
  std::optional<Lease> held = lease(db);
  const std::int32_t pid = hit.connection().server_pid();
  Running<Result> running(db.runtime, ask(hit, query("select pg_sleep(600)")));
  ASSERT_TRUE(eventually([&] {
    return other.run(value<type::Bool>(
        other.pool, query<type::Int4>("select coalesce((select wait_event = 'PgSleep' from "
                                      "pg_stat_activity where pid = $1), false)",
                                      pid)));
  }));
  terminate(other, pid);
  (void)error_of([&] { return running.get(); });
  {
    const Lease gone = std::move(hit);
  }
  held.reset();
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().open == 0; }));
  EXPECT_EQ(db.pool.statistics().retired.failover, 2U);
  EXPECT_EQ(db.pool.statistics().retired.lost, 1U);
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, query("select 1"))), 1);
}

TEST(PoolFailover, AServerThatBecameReadOnlyRetiresAllConnections) {
  const std::string name = test::TestServer::instance().fresh_database_name();
  Database admin({.conninfo = test::TestServer::instance().admin_dsn()});
  admin.script("alter database " + name + " set default_transaction_read_only = on");
  Database db({.conninfo = test::TestServer::instance().dsn(name), .max_connections = 2});
  fill(db, 2);
  const auto write = [&] { return db.run(ask(db.pool, query("create table t (id int)"))); };
  EXPECT_EQ(error_of(write).sqlstate(), "25006");
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().retired.failover == 2; }));
  admin.script("alter database " + name + " set default_transaction_read_only = off");
  (void)db.run(ask(db.pool, query("create table t (id int)")));
}

// A shared connection that is never idle would otherwise go on reading from the former primary.
TEST(PoolFailover, TheSharedConnectionsGoAsWell) {
  const std::string name = test::TestServer::instance().fresh_database_name();
  Database admin({.conninfo = test::TestServer::instance().admin_dsn()});
  admin.script("alter database " + name + " set default_transaction_read_only = on");
  Database db({.conninfo = test::TestServer::instance().dsn(name), .max_connections = 4});
  const auto read = [&] {
    return db.run(value<type::Int4>(db.pool, reading("select pg_backend_pid()")));
  };
  (void)read();
  ASSERT_TRUE(eventually([&] { return db.pool.statistics().shared == 1; }));
  const std::int32_t pid = read();
  const auto write = [&] { return db.run(ask(db.pool, query("create table t (id int)"))); };
  EXPECT_EQ(error_of(write).sqlstate(), "25006");
  EXPECT_NE(read(), pid);
}

TEST(PoolFailover, ATransactionThatAskedToBeReadOnlyIsNoFailover) {
  Database db;
  {
    Transaction reader = db.run(Transaction::begin(db.pool, {.read_only = true}, soon()));
    const auto write = [&] { return db.run(ask(reader, query("create table t (id int)"))); };
    EXPECT_EQ(error_of(write).sqlstate(), "25006");
    db.run(reader.rollback(soon()));
  }
  EXPECT_EQ(db.pool.statistics().retired.total(), 0U);
}

// Ends its own connection the first time; the sequence remembers.
constexpr std::string_view k_fatal_once =
    "select case when nextval('tries') = 1 then pg_terminate_backend(pg_backend_pid())::int "
    "else 7 end from generate_series(1, 1)";

TEST(PoolFailover, AReadIsRetriedOnceOnAnotherConnection) {
  Database db;
  db.script("create sequence tries");
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, reading(k_fatal_once))), 7);
  EXPECT_EQ(db.pool.statistics().retried_reads, 1U);
}

TEST(PoolFailover, AWriteIsNeverRetried) {
  Database db;
  db.script("create sequence tries");
  const Error error = error_of([&] { return db.run(ask(db.pool, query(k_fatal_once))); });
  EXPECT_EQ(error.kind(), ErrorKind::connection_lost);
  EXPECT_TRUE(error.outcome_unknown());
  EXPECT_EQ(db.pool.statistics().retried_reads, 0U);
}

TEST(PoolFailover, OneLostConnectionAloneRetiresNoOther) {
  Database db({.max_connections = 3});
  Database other;
  fill(db, 3);
  std::int32_t pid = 0;
  {
    Lease top = lease(db);
    pid = top.connection().server_pid();
  }
  terminate(other, pid);  // while it is idle: the pool sees only that it ended
  EXPECT_NE(db.run(backend_pid(db.pool)), pid);
  const RetiredConnections retired = db.pool.statistics().retired;
  EXPECT_EQ(retired.lost, 1U);
  EXPECT_EQ(retired.total(), 1U);
}

}  // namespace
}  // namespace loci::pg
