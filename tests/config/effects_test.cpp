// What a key in the file does, on a real server.
#include <loci/base/log.hpp>
#include <loci/storage/postgres_storage.hpp>

#include <thread>

#include "config/settings_fixture.hpp"
#include "pg/ask.hpp"
#include "pg/connection.hpp"
#include "support/http_server.hpp"
#include "support/scratch_folder.hpp"

namespace loci::config {
namespace {

using namespace std::chrono_literals;
using test::ask;
using test::Database;
using test::eventually;
using test::query;
using test::soon;
using test::TestServer;
using testing::HasSubstr;
using testing::Not;

struct Effects : SettingsFile {
  // The pool that a file makes whose storage.postgres is this.
  pg::PoolOptions pool(const std::string& postgres) const {
    return load("storage:\n  postgres: {" + postgres + "}\n").postgres.pool;
  }
  // A server's setting, as such a pool's connections have it.
  static std::string shown(pg::PoolOptions options, const std::string& setting) {
    Database db(std::move(options));
    return db.run(test::value<pg::type::Text>(db.pool, query("show " + setting)));
  }
  // A storage on an empty database, by a file whose storage is this.
  std::unique_ptr<storage::PostgresStorage> storage_by(const std::string& yaml) {
    storage::PostgresOptions options = load("storage: {" + yaml + "}").postgres;
    options.pool.conninfo = TestServer::instance().fresh_database();
    options.auto_migrate = load("storage: {" + yaml + "}").auto_migrate.value_or(false);
    return std::make_unique<storage::PostgresStorage>(runtime.executor(), std::move(options));
  }
  std::string text(storage::PostgresStorage& storage, std::string_view sql) {
    return runtime.wait(test::value<pg::type::Text>(storage.pool(), query(sql)));
  }

  Runtime runtime;
};

TEST_F(Effects, TheServersLimitsAreSettingsOfEachConnection) {
  EXPECT_EQ(shown(pool("statement_timeout: 7s"), "statement_timeout"), "7s");
  EXPECT_EQ(shown(pool("lock_timeout: 1500ms"), "lock_timeout"), "1500ms");
  EXPECT_EQ(shown(pool("idle_in_transaction_timeout: 2m"), "idle_in_transaction_session_timeout"),
            "2min");
  EXPECT_EQ(shown(pool("statement_timeout: 0"), "statement_timeout"), "0");
}

TEST_F(Effects, MaxConnectionsIsTheMostThereAre) {
  // acquire_timeout is for the refusal: the first connection may take its time.
  Database db(
      pool("max_connections: 1, min_connections: 1,"
           " pool: {acquire_timeout: 20ms, lazy_connect: false}"));
  ASSERT_TRUE(eventually([&] { return db.pool.statistics().idle == 1; }));
  const pg::Lease held = db.run(db.pool.acquire(soon()));
  const Error refused = test::error_of([&] { return db.run(db.pool.acquire(soon())); });
  EXPECT_EQ(refused.kind(), ErrorKind::pool_timeout) << "after acquire_timeout";
  EXPECT_EQ(db.pool.statistics().open, 1);
}

TEST_F(Effects, LazyConnectSaysWhetherMinConnectionsAreOpenedAtOnce) {
  Database eager(pool("min_connections: 2, pool: {lazy_connect: false}"));
  EXPECT_TRUE(eventually([&] { return eager.pool.statistics().open == 2; }));
  Database lazy(pool("min_connections: 2, pool: {lazy_connect: true}"));
  (void)lazy.run(ask(lazy.pool, query("select 1")));
  EXPECT_EQ(lazy.pool.statistics().open, 1);
}

TEST_F(Effects, ConnectionsGoWhenTheyAreOldOrIdle) {
  Database old(pool("max_conn_lifetime: 1ms, health_check_period: 5ms"));
  (void)old.run(ask(old.pool, query("select 1")));
  EXPECT_TRUE(eventually([&] { return old.pool.statistics().retired.lifetime > 0; }));
  Database idle(
      pool("min_connections: 0, max_conn_idle_time: 1ms, pool: {health_check_period: 5ms}"));
  (void)idle.run(ask(idle.pool, query("select 1")));
  EXPECT_TRUE(eventually([&] { return idle.pool.statistics().retired.idle > 0; }));
}

// How long a pool's ten connections are to live, shortest first.
std::vector<pg::Tenure::Clock::duration> lifetimes(pg::PoolOptions options) {
  Database db(std::move(options));
  std::vector<pg::Lease> leases;
  std::vector<pg::Tenure::Clock::duration> found;
  for (int i = 0; i < 10; ++i) {
    leases.push_back(db.run(db.pool.acquire(soon())));
    const pg::Tenure& tenure = leases.back().connection().tenure();
    found.push_back(tenure.expires - tenure.opened);
  }
  std::ranges::sort(found);
  return found;
}

TEST_F(Effects, JitterSpreadsTheEndsOfConnections) {
  const auto none = lifetimes(pool("max_conn_lifetime: 10h, pool: {max_lifetime_jitter: 0}"));
  EXPECT_EQ(none.front(), 10h);
  EXPECT_EQ(none.back(), 10h);
  const auto wide = lifetimes(pool("max_conn_lifetime: 10h, pool: {max_lifetime_jitter: 10h}"));
  EXPECT_LT(wide.front(), 9h) << "which ten of ten miss once in ten thousand million times";
  const auto usual = lifetimes(pool("max_conn_lifetime: 10h"));
  EXPECT_GE(usual.front(), 9h);
  EXPECT_LT(usual.front(), 10h);
}

TEST_F(Effects, QueryStatsAreKeptOrNot) {
  for (const bool kept : {true, false}) {
    Database db(pool(std::string("enable_query_stats: ") + (kept ? "true" : "false")));
    (void)db.run(ask(db.pool, query("select 1")));
    EXPECT_EQ(db.pool.statement_statistics().empty(), !kept);
  }
}

// What goes to standard error while a pool runs something that takes 5 ms.
std::string logged(pg::PoolOptions options) {
  testing::internal::CaptureStderr();
  {
    Database db(std::move(options));
    (void)db.run(ask(db.pool, query("select pg_sleep(0.005)")));
  }
  return testing::internal::GetCapturedStderr();
}

TEST_F(Effects, SlowQueriesAreLoggedFromTheThresholdOnUnlessTheLogIsOff) {
  EXPECT_THAT(logged(pool("slow_query_threshold: 1ms")), HasSubstr("slow_query"));
  EXPECT_EQ(logged(pool("slow_query_threshold: 10m")), "");
  EXPECT_EQ(logged(pool("slow_query_threshold: 0")), "");
  EXPECT_EQ(logged(load("storage: {postgres: {slow_query_threshold: 1ms},"
                        " monitoring: {slow_query_log: false}}")
                       .postgres.pool),
            "");
}

TEST_F(Effects, AutoExplainIsASettingOfEachConnection) {
  const std::string on =
      "auto_explain: {enabled: true, log_analyze: true, log_buffers: true, log_timing: false, "
      "min_duration: 40ms}";
  EXPECT_EQ(shown(pool(on), "auto_explain.log_min_duration"), "40ms");
  EXPECT_EQ(shown(pool(on), "auto_explain.log_analyze"), "on");
  EXPECT_EQ(shown(pool(on), "auto_explain.log_buffers"), "on");
  EXPECT_EQ(shown(pool(on), "auto_explain.log_timing"), "off");
  EXPECT_EQ(shown(pool(on), "auto_explain.log_parameter_max_length"), "0");
  EXPECT_EQ(shown(pool("auto_explain: {enabled: false, min_duration: 40ms}"),
                  "auto_explain.log_min_duration"),
            "-1");
}

TEST_F(Effects, AutoExplainSendsAPlanToTheServersLog) {
  {
    Database db(pool("auto_explain: {enabled: true, min_duration: 0}"));
    (void)db.run(ask(db.pool, query("select 'mark-of-the-file'")));
  }
  const auto log_has_plan = [] {
    const auto folder = TestServer::instance().server().data_dir() / "log";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream file(entry.path());
      const std::string text(std::istreambuf_iterator<char>(file), {});
      const std::size_t at = text.find("Query Text: select 'mark-of-the-file'");
      if (at != std::string::npos && text.find("cost=", at) != std::string::npos) return true;
    }
    return false;
  };
  EXPECT_TRUE(eventually(log_has_plan));
}

TEST_F(Effects, ADirectoryOfMigrationsAndATableTakeThePlaceOfTheBuiltInOnes) {
  const test::ScratchFolder folder;
  folder.write("1_thing.sql", "create table thing (id int);");
  const std::string places = "directory: " + (folder / "").string() + ", table: versions";
  const auto pending = storage_by("migrations: {" + places + ", auto_migrate: false}");
  EXPECT_EQ(test::error_of([&] {
              runtime.wait(pending->connect());
              return 0;
            }).kind(),
            ErrorKind::configuration);
  const auto storage = storage_by("migrations: {" + places + ", auto_migrate: true}");
  runtime.wait(storage->connect());
  EXPECT_EQ(text(*storage, "select to_regclass('thing')::text"), "thing");
  EXPECT_EQ(text(*storage, "select to_regclass('versions')::text"), "versions");
  EXPECT_EQ(text(*storage, "select coalesce(to_regclass('messages')::text, 'none')"), "none");
}

TEST_F(Effects, ARepeatableFileThatIsGoneKeepsNobodyOut) {
  const test::ScratchFolder folder;
  folder.write("1_thing.sql", "create table thing (id int);");
  folder.write("R__view.sql", "create or replace view seen as select * from thing;");
  storage::PostgresOptions options;
  options.pool.conninfo = TestServer::instance().fresh_database();
  options.migrations = folder / "";
  options.auto_migrate = true;
  runtime.wait(storage::PostgresStorage(runtime.executor(), options).connect());
  std::filesystem::remove(folder / "R__view.sql");
  storage::PostgresStorage storage(runtime.executor(), options);
  EXPECT_NO_THROW(runtime.wait(storage.connect()));
  const auto checks = runtime.wait(storage.health()).checks;
  const auto found = std::ranges::find(checks, "migrations", &storage::HealthCheck::name);
  ASSERT_NE(found, checks.end());
  EXPECT_EQ(found->status, storage::HealthStatus::ok) << found->detail;
  EXPECT_EQ(found->detail, "all 1 applied");
}

TEST_F(Effects, AutoMigrateBringsTheBuiltInSchema) {
  const auto storage = storage_by("migrations: {auto_migrate: true}");
  runtime.wait(storage->connect());
  EXPECT_EQ(text(*storage, "select to_regclass('messages')::text"), "messages");
}

TEST_F(Effects, AMigrationWaitsForALockAsLongAsItIsTold) {
  const test::ScratchFolder folder;
  folder.write("1_show.sql",
               "create table waited as select current_setting('lock_timeout') as setting;");
  const auto storage =
      storage_by("migrations: {lock_timeout: 1234ms, auto_migrate: true, directory: " +
                 (folder / "").string() + "}");
  runtime.wait(storage->connect());
  EXPECT_EQ(text(*storage, "select setting from waited"), "1234ms");
}

TEST_F(Effects, MetricsAreLoggedAsOftenAsTheIntervalSays) {
  const auto logged_by = [&](const std::string& monitoring) {
    log::set_level(log::Level::info);
    testing::internal::CaptureStderr();
    {
      const auto storage =
          storage_by("migrations: {auto_migrate: true}, monitoring: {" + monitoring + "}");
      runtime.wait(storage->connect());
      std::this_thread::sleep_for(50ms);
    }
    log::set_level(log::Level::warn);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(logged_by("metrics_interval: 1ms"), HasSubstr("pool_metrics most=30 open="));
  EXPECT_THAT(logged_by("metrics_interval: 0"), Not(HasSubstr("pool_metrics")));
  EXPECT_THAT(logged_by("metrics_interval: 1ms, enable_metrics: false"),
              Not(HasSubstr("pool_metrics")));
}

TEST_F(Effects, MonitoringSaysWhatMetricsTell) {
  const auto metrics = [&](const std::string& monitoring) {
    const auto storage = storage_by("monitoring: {" + monitoring + "}");
    runtime.wait(storage->ping());
    return storage->metrics();
  };
  EXPECT_EQ(metrics("enable_metrics: true").pool.acquired, 1U);
  EXPECT_FALSE(metrics("enable_metrics: true").statements.empty());
  EXPECT_EQ(to_prometheus(metrics("enable_metrics: false")), "");
  EXPECT_EQ(metrics("query_stats: false").pool.acquired, 1U);
  EXPECT_TRUE(metrics("query_stats: false").statements.empty());
}

TEST_F(Effects, DimensionsAreThoseOfTheEmbedder) {
  EXPECT_EQ(
      embed::make_embedder(load("storage: {vector: {dimensions: 64}}").embedder)->dimensions(),
      64U);
}

struct EmbedderEffects : Effects {
  // What becomes of three texts at an endpoint that answers so, by a file whose embedder has these.
  ErrorKind failure(test::HttpServerAnswer answer, const std::string& keys) {
    test::HttpServer endpoint([&](const test::HttpServerRequest&) { return answer; });
    const auto embedder = embed::make_embedder(load("storage: {vector: {dimensions: 8}}\n"
                                                    "embedder: {kind: openai, model: m, url: '" +
                                                    endpoint.url() + "', " + keys + "}")
                                                   .embedder);
    const std::vector<std::string> texts{"a", "b", "c"};
    const Error error = test::error_of([&] { return embedder->embed(texts); });
    asked = endpoint.requests().size();
    return error.kind();
  }
  std::size_t asked = 0;
};

TEST_F(EmbedderEffects, ABatchIsWhatARequestHolds) {
  const Settings settings = load("embedder: {kind: openai, batch_size: 2}");
  EXPECT_EQ(embed::make_embedder(settings.embedder)->batch_size(), 2U);
}

TEST_F(EmbedderEffects, AnAttemptEndsAtItsTimeout) {
  const test::HttpServerAnswer silence{.fault = test::HttpServerAnswer::Fault::hold};
  EXPECT_EQ(failure(silence, "timeout: 20ms, max_retries: 0"), ErrorKind::timeout);
  EXPECT_EQ(failure(silence, "timeout: 20s, total_timeout: 20ms, max_retries: 0"),
            ErrorKind::timeout);
}

TEST_F(EmbedderEffects, WhatFailsIsTriedAgainSoOften) {
  EXPECT_EQ(failure({.status = 500, .headers = {"Retry-After: 0"}}, "max_retries: 2"),
            ErrorKind::remote);
  EXPECT_EQ(asked, 3U);
  EXPECT_EQ(failure({.status = 500}, "max_retries: 0"), ErrorKind::remote);
  EXPECT_EQ(asked, 1U);
}

}  // namespace
}  // namespace loci::config
