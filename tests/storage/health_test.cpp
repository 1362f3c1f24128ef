// Health of a real server: what is planted there is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "storage/postgres_health.hpp"
#include "support/pg_proxy.hpp"
#include "support/server_folder.hpp"

namespace loci::storage {
namespace {

using namespace std::chrono_literals;
using test::Database;
using test::soon;
using test::TestServer;
using testing::ElementsAre;
using testing::HasSubstr;

const schema::Migration k_migration{.version = 1,
                                    .name = "things",
                                    .up = "create table things (id int);",
                                    .down = "drop table things;",
                                    .checksum = "00000000000000000000000000000001"};

struct HealthOf : testing::Test {
  Health look(pg::Pool& pool, std::vector<schema::Migration> migrations = {},
              HealthOptions options = {}, schema::MigratorOptions migrator = {}) {
    return db.run(
        look_at_health(pool, migrations, soon(), std::move(options), std::move(migrator)));
  }
  Health look() { return look(db.pool); }

  static HealthCheck check(const Health& health, std::string_view name) {
    const auto found = std::ranges::find(health.checks, name, &HealthCheck::name);
    if (found == health.checks.end()) throw std::out_of_range(std::string(name));
    return *found;
  }
  void expect_warning(const Health& health, const char* name, const char* detail) {
    const HealthCheck found = check(health, name);
    EXPECT_EQ(found.status, HealthStatus::warn) << found.detail;
    EXPECT_THAT(found.detail, HasSubstr(detail));
    EXPECT_NE(found.remedy, "");
  }

  Database db;
};

TEST_F(HealthOf, EveryCheckIsThereInOrder) {
  std::vector<std::string> names;
  for (const HealthCheck& each : look().checks) names.push_back(each.name);
  EXPECT_THAT(names, ElementsAre("server", "latency", "pool", "connections", "transactions",
                                 "replication", "disk", "wraparound", "durability", "extensions",
                                 "indexes", "migrations"));
}

TEST_F(HealthOf, AFreshDatabaseIsFineButForAThrowAwayServersDurability) {
  const Health health = look();
  EXPECT_GT(health.latency.count(), 0);
  for (const HealthCheck& each : health.checks) {
    if (each.name == "latency") continue;  // which is the machine's affair
    if (each.name == "durability") {
      EXPECT_EQ(each.status, HealthStatus::fail);
      EXPECT_THAT(each.detail, HasSubstr("fsync"));
    } else {
      EXPECT_EQ(each.status, HealthStatus::ok) << each.name << ": " << each.detail;
    }
  }
}

TEST_F(HealthOf, APendingMigrationIsNamedUntilItIsApplied) {
  const std::vector<schema::Migration> migrations{k_migration};
  const HealthCheck pending = check(look(db.pool, migrations), "migrations");
  EXPECT_EQ(pending.status, HealthStatus::fail);
  EXPECT_THAT(pending.detail, HasSubstr("1 are pending"));
  schema::Migrator migrator(db.pool, migrations);
  (void)db.run(migrator.up(soon()));
  EXPECT_EQ(check(look(db.pool, migrations), "migrations").status, HealthStatus::ok);
}

TEST_F(HealthOf, AChangedMigrationIsNamed) {
  schema::Migrator migrator(db.pool, {k_migration});
  (void)db.run(migrator.up(soon()));
  schema::Migration changed = k_migration;
  changed.checksum = "00000000000000000000000000000002";
  const HealthCheck found = check(look(db.pool, {changed}), "migrations");
  EXPECT_EQ(found.status, HealthStatus::fail);
  EXPECT_THAT(found.detail, HasSubstr("1_things was changed"));
}

TEST_F(HealthOf, TheVersionTableIsTheOneThatIsNamed) {
  schema::Migrator migrator(db.pool, {k_migration}, {.table = "versions"});
  (void)db.run(migrator.up(soon()));
  EXPECT_EQ(check(look(db.pool, {k_migration}), "migrations").status, HealthStatus::fail);
  EXPECT_EQ(check(look(db.pool, {k_migration}, {}, {.table = "versions"}), "migrations").status,
            HealthStatus::ok);
}

TEST_F(HealthOf, AnInvalidIndexIsNamed) {
  db.script("create table t (a int); insert into t values (1), (1)");
  const Error failed =
      test::error_of([&] { return db.script("create unique index concurrently broken on t (a)"); });
  ASSERT_EQ(failed.sqlstate(), "23505");
  expect_warning(look(), "indexes", "broken on t");
}

TEST_F(HealthOf, ALongTransactionAndOneThatWaitsForItsClientAreNamed) {
  const HealthOptions strict{.long_transaction = 0ms, .long_idle_in_transaction = 0ms};
  EXPECT_EQ(check(look(db.pool, {}, strict), "transactions").status, HealthStatus::ok);
  Database other({.conninfo = db.dsn + " application_name=forgotten"});
  pg::Lease lease = other.run(other.pool.acquire(soon()));
  other.run(lease.script("begin; select 1", "begin", soon()));
  expect_warning(look(db.pool, {}, strict), "transactions", "(forgotten) is idle in a transaction");
  other.run(lease.script("rollback", "rollback", soon()));
}

TEST_F(HealthOf, APoolThatWantsMoreThanTheServerHasIsNamed) {
  Database greedy({.conninfo = db.dsn, .max_connections = 1000});
  expect_warning(look(greedy.pool), "connections", "this pool alone may want 1000");
}

TEST_F(HealthOf, ACallerInTheQueueIsNamed) {
  const std::vector<schema::Migration> none;
  Database narrow({.conninfo = db.dsn, .max_connections = 1});
  pg::Lease held = narrow.run(narrow.pool.acquire(soon()));
  const auto queue = [&]() -> boost::asio::awaitable<void> {
    (void)co_await narrow.pool.acquire(soon());
  };
  auto waiting = boost::asio::co_spawn(narrow.runtime.executor(), queue(), boost::asio::use_future);
  ASSERT_TRUE(test::eventually([&] { return narrow.pool.statistics().waiting == 1; }));
  auto looking =
      boost::asio::co_spawn(narrow.runtime.executor(), look_at_health(narrow.pool, none, soon()),
                            boost::asio::use_future);
  ASSERT_TRUE(test::eventually([&] { return narrow.pool.statistics().waiting == 2; }));
  {
    const pg::Lease done = std::move(held);
  }
  waiting.get();
  expect_warning(looking.get(), "pool", "1 callers wait");
}

TEST_F(HealthOf, AnUnloggedTableIsNamed) {
  db.script("create unlogged table u (a int)");
  EXPECT_THAT(check(look(), "durability").detail, HasSubstr("1 unlogged"));
}

TEST_F(HealthOf, AMissingExtensionIsNamed) {
  Database admin({.conninfo = TestServer::instance().admin_dsn(db.run(test::value<pg::type::Text>(
                      db.pool, test::query("select current_database()::text"))))});
  admin.script("drop extension vector cascade");
  const HealthCheck found = check(look(), "extensions");
  EXPECT_EQ(found.status, HealthStatus::fail);
  EXPECT_THAT(found.remedy, HasSubstr("create extension vector"));
}

TEST_F(HealthOf, ADatabaseThatOnlyReadsIsNamed) {
  Database reading({.conninfo = db.dsn, .settings = {{"default_transaction_read_only", "on"}}});
  expect_warning(look(reading.pool), "server", "only reads");
}

TEST_F(HealthOf, TheFreeSpaceOfAKnownFolderIsTold) {
  EXPECT_THAT(check(look(), "disk").detail, HasSubstr("not known"));
  const Health health = look(db.pool, {}, {.data_dir = TestServer::instance().server().data_dir()});
  EXPECT_THAT(check(health, "disk").detail, HasSubstr(" are free"));
}

TEST_F(HealthOf, ARoleWithoutRightsIsToldTheGrantsItLacks) {
  const std::string name =
      db.run(test::value<pg::type::Text>(db.pool, test::query("select current_database()::text")));
  Database admin({.conninfo = TestServer::instance().admin_dsn(name)});
  admin.script("create role nobody_much; create table schema_migrations (version bigint)");
  Database modest(
      {.conninfo = TestServer::instance().admin_dsn(name), .settings = {{"role", "nobody_much"}}});
  const Health health = look(modest.pool, {k_migration});
  EXPECT_THAT(check(health, "connections").remedy, HasSubstr("grant pg_read_all_stats to"));
  EXPECT_THAT(check(health, "transactions").remedy, HasSubstr("nobody_much"));
  admin.script("drop table schema_migrations; drop role nobody_much");
}

TEST_F(HealthOf, AServerThatCannotBeReachedIsOneFailingCheck) {
  for (const char* dsn : {"host=/nowhere/at/all dbname=x", "host=127.0.0.1 port=1 dbname=x"}) {
    Database nowhere({.conninfo = dsn});
    const Health health = look(nowhere.pool);
    ASSERT_EQ(health.checks.size(), 1U);
    EXPECT_EQ(health.checks[0].name, "server");
    EXPECT_EQ(health.checks[0].status, HealthStatus::fail);
    EXPECT_THAT(health.checks[0].remedy, HasSubstr("storage.postgres.database_url"));
  }
}

TEST_F(HealthOf, APoolThatHasNothingLeftIsOneFailingCheck) {
  Database narrow({.conninfo = db.dsn, .max_connections = 1, .acquire_timeout = 1s});
  const pg::Lease held = narrow.run(narrow.pool.acquire(soon()));
  const Health health = look(narrow.pool);
  ASSERT_EQ(health.checks.size(), 1U);
  EXPECT_THAT(health.checks[0].remedy, HasSubstr("max_connections"));
}

TEST_F(HealthOf, AnOutageAfterTheFirstConnectionIsNotTakenForAFullPool) {
  auto proxy = std::make_unique<test::PgProxy>(db.dsn);
  Database through({.conninfo = proxy->dsn(), .max_connections = 2, .acquire_timeout = 500ms});
  EXPECT_EQ(look(through.pool).checks[0].status, HealthStatus::ok);
  proxy.reset();
  const Health health = look(through.pool);
  ASSERT_EQ(health.checks.size(), 1U);
  EXPECT_THAT(health.checks[0].remedy, HasSubstr("see that PostgreSQL runs"));
}

// What a standby that names this primary says of its replication.
HealthCheck replication_of_standby(const std::string& primary) {
  const test::StandbyServer server(primary);
  Database standby({.conninfo = server.dsn()});
  for (HealthCheck& each : standby.run(look_at_health(standby.pool, {}, soon())).checks) {
    if (each.name == "replication") return std::move(each);
  }
  return {};
}

TEST(HealthOfAStandby, ThatReceivesNothingSaysSo) {
  const HealthCheck cut_off = replication_of_standby("host=/nowhere/at/all");
  EXPECT_EQ(cut_off.status, HealthStatus::warn);
  EXPECT_THAT(cut_off.detail, HasSubstr("receives nothing from its primary"));
  EXPECT_EQ(replication_of_standby("").status, HealthStatus::ok) << "it follows an archive";
}

Task<HealthCheck> lost() {
  throw Error(ErrorKind::connection_lost, "gone");
  co_return HealthCheck{};
}

TEST_F(HealthOf, ALostConnectionIsNoFaultOfOneCheck) {
  EXPECT_EQ(
      test::error_of([&] { return db.run(health::or_warning("disk", "app", lost())); }).kind(),
      ErrorKind::connection_lost);
}

Task<HealthCheck> refused(const char* sqlstate) {
  throw Error(ServerError{.severity = "ERROR", .sqlstate = sqlstate, .message = "no"}, "X");
  co_return HealthCheck{};
}

TEST_F(HealthOf, ACheckThatIsNotAllowedIsAWarningWithTheGrant) {
  const HealthCheck denied = db.run(health::or_warning("disk", "app", refused("42501")));
  EXPECT_EQ(denied.name, "disk");
  EXPECT_EQ(denied.status, HealthStatus::warn);
  EXPECT_THAT(denied.remedy, HasSubstr("grant pg_monitor to \"app\""));
  const HealthCheck other = db.run(health::or_warning("disk", "app", refused("XX000")));
  EXPECT_EQ(other.status, HealthStatus::warn);
  EXPECT_THAT(other.remedy, testing::Not(HasSubstr("grant")));
}

}  // namespace
}  // namespace loci::storage
