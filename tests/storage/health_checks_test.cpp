// What health makes of what it finds: each fault is named, with what to do about it.
#include "storage/health/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loci::storage::health {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Status = HealthStatus;

Server healthy() {
  return {.version = "17.6",
          .version_number = 170006,
          .standby = false,
          .read_only = false,
          .fsync = true,
          .full_page_writes = true,
          .synchronous_commit = "on",
          .unlogged_tables = 0,
          .role = "app",
          .sees_everything = true};
}

template <class Change>
Server server_with(Change change) {
  Server server = healthy();
  change(server);
  return server;
}

void expect(const HealthCheck& check, Status status, const char* detail, const char* remedy) {
  EXPECT_EQ(check.status, status) << check.detail;
  EXPECT_THAT(check.detail, HasSubstr(detail));
  EXPECT_THAT(check.remedy, HasSubstr(remedy));
}

void expect_fine(const HealthCheck& check) {
  EXPECT_EQ(check.status, Status::ok) << check.detail;
  EXPECT_EQ(check.remedy, "");
  EXPECT_NE(check.detail, "");
  EXPECT_NE(check.name, "");
}

TEST(JudgeServer, NamesWhatItIs) {
  expect_fine(judge_server(healthy()));
  EXPECT_THAT(judge_server(healthy()).detail, HasSubstr("17.6, primary"));
  expect(judge_server(server_with([](Server& s) { s.version_number = 160009; })), Status::fail,
         "older than 17", "17 or later");
  expect(judge_server(server_with([](Server& s) { s.standby = true; })), Status::warn, "a standby",
         "target_session_attrs");
  expect(judge_server(server_with([](Server& s) { s.read_only = true; })), Status::warn,
         "only reads", "default_transaction_read_only");
}

TEST(JudgeDurability, WhatACrashWouldTakeIsNamed) {
  expect_fine(judge_durability(healthy()));
  expect(judge_durability(server_with([](Server& s) { s.fsync = false; })), Status::fail, "fsync",
         "fsync = on");
  expect(judge_durability(server_with([](Server& s) { s.full_page_writes = false; })), Status::fail,
         "full_page_writes", "full_page_writes = on");
  expect(judge_durability(server_with([](Server& s) { s.synchronous_commit = "off"; })),
         Status::warn, "the last commits", "synchronous_commit = on");
  expect_fine(judge_durability(server_with([](Server& s) { s.synchronous_commit = "local"; })));
  expect(judge_durability(server_with([](Server& s) { s.unlogged_tables = 2; })), Status::warn,
         "2 unlogged", "set logged");
}

TEST(JudgeLatency, ALongWayToTheServerIsAWarning) {
  expect_fine(judge_latency(50ms, {}));
  expect(judge_latency(50001us, {}), Status::warn, "over 50 ms", "nearer");
}

TEST(JudgePool, CallersInTheQueueAndFailedConnectsAreNamed) {
  expect_fine(judge_pool({.most = 30, .open = 3, .opened = 30, .connect_errors = 3}));
  expect(judge_pool({.most = 2, .open = 2, .waiting = 5}), Status::warn, "5 callers wait",
         "max_connections");
  expect(judge_pool({.most = 2, .opened = 10, .connect_errors = 2}), Status::warn,
         "2 connects failed", "pool_connect_failed");
}

TEST(JudgeSessions, AServerThatIsNearlyFullIsNamed) {
  const auto judge = [](std::int64_t sessions, int most = 5) {
    return judge_sessions({.sessions = sessions, .allowed = 100}, {.most = most}, healthy());
  };
  expect_fine(judge(79));
  expect(judge(80), Status::warn, "few are left", "max_connections");
  expect(judge(95), Status::fail, "hardly any", "PgBouncer");
  expect(judge(1, 101), Status::warn, "may want 101", "max_connections");
}

TEST(JudgeSessions, ARoleThatSeesOnlyItselfIsToldTheGrant) {
  const Server blind = server_with([](Server& s) {
    s.sees_everything = false;
    s.role = "my app";
  });
  expect(judge_sessions({.sessions = 1, .allowed = 100}, {.most = 5}, blind), Status::warn,
         "cannot be seen", "grant pg_read_all_stats to \"my app\"");
  expect(judge_transactions({}, {}, {}, blind), Status::warn, "cannot be seen",
         "pg_read_all_stats");
  expect(judge_replication({}, blind), Status::warn, "cannot be seen", "pg_read_all_stats");
}

TEST(JudgeTransactions, LongOnesAreNamedWithTheirProcess) {
  const auto judge = [](bool idle, double seconds) {
    return judge_transactions(
        {{.pid = 4711, .application = "batch", .waits_for_client = idle, .seconds = seconds}}, {},
        {}, healthy());
  };
  expect_fine(judge(false, 299));
  expect_fine(judge(true, 59));
  expect(judge(false, 300), Status::warn, "process 4711 (batch) runs", "terminate_backend(4711)");
  expect(judge(true, 60), Status::warn, "4711 (batch) is idle in a transaction", "4711");
  expect_fine(judge_transactions({}, {.prepared = 1, .seconds = 10}, {}, healthy()));
  expect(judge_transactions({}, {.prepared = 1, .seconds = 9000}, {}, healthy()), Status::warn,
         "1 prepared", "rollback prepared");
}

TEST(JudgeReplication, AStandbyFarBehindAndAForgottenSlotAreNamed) {
  const auto standby = [](std::int64_t bytes, double seconds) {
    Replication facts;
    facts.standbys = {{.name = "b", .state = "streaming", .bytes = bytes, .seconds = seconds}};
    return judge_replication(facts, healthy());
  };
  const auto slot = [](bool active, const char* status, std::int64_t bytes) {
    Replication facts;
    facts.slots = {{.name = "s", .active = active, .wal_status = status, .bytes = bytes}};
    return judge_replication(facts, healthy());
  };
  const std::int64_t gigabyte = 1 << 30;
  expect_fine(standby(1000, 2));
  expect(standby(1000, 31), Status::warn, "standby b is", "network");
  expect(standby(gigabyte, 0), Status::warn, "1.0 GB", "network");
  expect_fine(slot(true, "extended", 2 * gigabyte));
  expect(slot(false, "extended", 2 * gigabyte), Status::warn, "keeps 2.0 GB",
         "pg_drop_replication_slot('s')");
  expect(slot(true, "lost", 0), Status::fail, "has lost", "make the standby anew");
  Replication behind;
  behind.replay.seconds = 100;
  expect(judge_replication(behind, healthy()), Status::warn, "100 s behind", "slow disk");
  Replication cut_off;
  cut_off.replay.cut_off = true;
  expect(judge_replication(cut_off, healthy()), Status::warn, "receives nothing from its primary",
         "primary_conninfo");
}

TEST(JudgeDisk, AFullDiskIsNamed) {
  const std::uint64_t gigabyte = std::uint64_t{1} << 30;
  expect_fine(judge_disk(1000, std::nullopt));
  expect_fine(judge_disk(1000, DiskSpace{.free = 10 * gigabyte, .size = 100 * gigabyte}));
  expect(judge_disk(1000, DiskSpace{.free = 4 * gigabyte, .size = 100 * gigabyte}), Status::warn,
         "little is free", "free some space");
  expect(judge_disk(1000, DiskSpace{.free = gigabyte / 2, .size = 2 * gigabyte}), Status::warn,
         "little is free", "free some space");
  expect(judge_disk(1000, DiskSpace{.free = gigabyte / 10, .size = 2 * gigabyte}), Status::fail,
         "almost nothing", "free some space");
}

TEST(JudgeMigrations, EachStateThatKeepsAProgramFromWorkingIsNamed) {
  using State = schema::MigrationStatus::State;
  const auto judge = [](State state) {
    return judge_migrations({{.version = 7, .name = "x", .state = state, .remedy = "do this"}});
  };
  expect_fine(judge(State::applied));
  for (const State due : {State::pending, State::outdated, State::partial}) {
    expect(judge(due), Status::fail, "1 are pending", "loci migrate up");
  }
  expect(judge(State::late), Status::fail, "7_x came late", "do this");
  expect_fine(
      judge_migrations({{.name = "view", .state = State::missing, .remedy = "its file is gone"}}));
  expect(judge(State::changed), Status::fail, "7_x was changed", "do this");
  expect(judge(State::missing), Status::fail, "7_x ran and is gone", "do this");
  expect(judge(State::foreign), Status::fail, "another program's", "do this");
}

TEST(JudgeExtensions, AMissingAnOldAndAnOutdatedOneAreNamed) {
  using Rows = std::vector<queries::ListExtensions::Row>;
  expect_fine(
      judge_extensions(Rows{{"hypopg", std::nullopt, "1.4.1"}, {"vector", "0.8.0", "0.8.0"}}));
  expect(judge_extensions(Rows{{"vector", std::nullopt, "0.8.0"}}), Status::fail, "missing",
         "create extension vector");
  expect(judge_extensions(Rows{}), Status::fail, "missing", "create extension vector");
  expect(judge_extensions(Rows{{"vector", "0.7.4", "0.7.4"}}), Status::fail, "older than 0.8",
         "0.8 or later");
  expect(judge_extensions(Rows{{"vector", "0.8.0", "0.8.10"}}), Status::warn,
         "the server has 0.8.10", "alter extension vector update");
  expect(
      judge_extensions(Rows{{"pg_stat_statements", "1.10", "1.11"}, {"vector", "0.8.0", "0.8.0"}}),
      Status::warn, "1.11", "alter extension pg_stat_statements update");
}

TEST(JudgeIndexes, AnInvalidOneIsNamed) {
  expect_fine(judge_indexes({}));
  expect(judge_indexes({{.index = "i", .table = "t"}}), Status::warn, "i on t is invalid",
         "reindex index concurrently i");
  for (const char* copy : {"i_ccnew", "s.i_ccold2", "\"I_ccnew\""}) {
    EXPECT_EQ(judge_indexes({{.index = copy, .table = "t"}}).remedy,
              std::string("drop index concurrently ") + copy);
  }
}

TEST(JudgeAge, TheWayToTheEndOfNumbersIsWatched) {
  const auto judge = [](std::int64_t age, std::int64_t multixacts = 0) {
    return judge_age({.age = age, .multixact_age = multixacts, .vacuumed_at = 200'000'000});
  };
  expect_fine(judge(210'000'000));
  expect(judge(250'000'000), Status::warn, "250 million", "vacuum freeze");
  expect(judge(1'700'000'000), Status::fail, "will stop", "vacuum freeze");
  expect(judge(0, 1'700'000'000), Status::fail, "will stop", "vacuum freeze");
}

TEST(Health, IsAsBadAsItsWorstCheck) {
  EXPECT_EQ(Health{}.status(), Status::ok);
  Health health;
  health.checks = {{.name = "a"}, {.name = "b", .status = Status::warn}};
  EXPECT_EQ(health.status(), Status::warn);
  health.checks.push_back({.name = "c", .status = Status::fail});
  EXPECT_EQ(health.status(), Status::fail);
}

TEST(Health, HasNoLatencyWhereThereWasNoRoundTrip) {
  EXPECT_EQ(to_json(Health{}), R"({"status":"ok","checks":[]})");
  EXPECT_THAT(to_prometheus(Health{}), testing::Not(HasSubstr("latency")));
}

TEST(Health, IsWrittenAsJson) {
  Health health;
  health.latency = 1500us;
  health.checks = {{.name = "a", .detail = "fine"},
                   {.name = "b", .status = Status::warn, .detail = "\"x\"", .remedy = "do"}};
  EXPECT_EQ(to_json(health),
            R"({"status":"warn","latency_us":1500,"checks":[{"name":"a","status":"ok",)"
            R"("detail":"fine"},{"name":"b","status":"warn","detail":"\"x\"","remedy":"do"}]})");
}

}  // namespace
}  // namespace loci::storage::health
