// Known faults of versions, and what examine() says of a server's settings.
#include <loci/storage/hazards.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/health/doctor_checks.hpp"

namespace loci::storage {
namespace {

using health::MachineFacts;
using health::ServerSettings;
using testing::HasSubstr;
using testing::Not;
using Status = HealthStatus;
using Extensions = std::vector<queries::ListExtensions::Row>;

constexpr std::int64_t k_megabyte = 1 << 20;

TEST(Versions, AreTheNumbersThatATextBeginsWith) {
  EXPECT_EQ(Version::parse("0.8.0"), (Version{0, 8, 0}));
  EXPECT_EQ(Version::parse("17.12 (Debian 17.12-0+deb13u1)"), (Version{17, 12, 0}));
  EXPECT_EQ(Version::parse("18beta1"), (Version{18, 0, 0}));
  EXPECT_EQ(Version::parse("1."), (Version{1, 0, 0}));
  for (const char* bad : {"", "beta", "-1", ".8"}) EXPECT_EQ(Version::parse(bad), std::nullopt);
  EXPECT_LT((Version{0, 8, 9}), (Version{0, 8, 10}));
}

TEST(Hazards, HnswIsBuiltInParallelOnlyWhereThatIsSafe) {
  for (const char* bad : {"0.6.0", "0.7.4", "0.8.0", "0.8.1"}) {
    EXPECT_FALSE(may_build_hnsw_in_parallel(*Version::parse(bad))) << bad;
  }
  for (const char* good : {"0.8.2", "0.8.10", "0.9.0", "1.0.0"}) {
    EXPECT_TRUE(may_build_hnsw_in_parallel(*Version::parse(good))) << good;
  }
}

std::string told(const std::string& server, const std::string& pgvector) {
  return health::judge_versions(server, Extensions{{"vector", pgvector, pgvector}}, 2).detail;
}

TEST(Hazards, EachVersionIsToldWhatItHas) {
  EXPECT_THAT(told("17.12", "0.8.0"), HasSubstr("CVE-2026-3172"));
  EXPECT_THAT(told("17.12", "0.8.0"), HasSubstr("corrupt an HNSW index"));
  EXPECT_THAT(told("17.12", "0.8.0"), HasSubstr("2 HNSW indexes"));
  EXPECT_THAT(told("17.12", "0.8.2"), Not(HasSubstr("CVE-2026-3172")));
  EXPECT_THAT(told("17.12", "0.8.2"), HasSubstr("corrupt an HNSW index"));
  EXPECT_THAT(told("17.12", "0.8.3"), Not(HasSubstr("corrupt")));
  EXPECT_EQ(told("17.12", "0.8.7"), "no known fault of these");
  EXPECT_THAT(told("17.5", "0.8.7"), HasSubstr("CVE-2025-8713"));
  EXPECT_THAT(told("17.0", "0.8.7"), HasSubstr("CVE-2024-10976"));
  EXPECT_THAT(told("18.0", "0.8.7"), Not(HasSubstr("CVE")));
}

ServerSettings sensible() {
  return {.shared_buffers = 1024 * k_megabyte,
          .work_mem = 4 * k_megabyte,
          .maintenance_work_mem = 256 * k_megabyte,
          .effective_cache_size = 4096 * k_megabyte,
          .max_wal_size = 1024 * k_megabyte,
          .max_connections = 100,
          .random_page_cost = 1.1,
          .jit = false,
          .autovacuum = true,
          .statement_timeout = 30,
          .checkpoint_timeout = 300,
          .timed_checkpoints = 100,
          .requested_checkpoints = 5};
}

template <class Change>
ServerSettings settings_with(Change change) {
  ServerSettings settings = sensible();
  change(settings);
  return settings;
}

void expect(const HealthCheck& check, Status status, const char* remedy) {
  EXPECT_EQ(check.status, status) << check.detail;
  EXPECT_THAT(check.remedy, HasSubstr(remedy)) << check.detail;
}

const MachineFacts k_machine{.memory = std::uint64_t{8} << 30, .spinning_disk = false};

TEST(JudgeMemory, SettingsAreHeldAgainstTheMachine) {
  using health::judge_memory;
  expect(judge_memory(sensible(), k_machine, 0), Status::ok, "");
  expect(judge_memory(settings_with([](auto& s) { s.shared_buffers = 128 * k_megabyte; }),
                      k_machine, 0),
         Status::warn, "shared_buffers = 1024MB");
  expect(judge_memory(settings_with([](auto& s) { s.shared_buffers = 5000 * k_megabyte; }),
                      k_machine, 0),
         Status::warn, "shared_buffers = 2048MB");
  expect(judge_memory(settings_with([](auto& s) { s.work_mem = 64 * k_megabyte; }), k_machine, 0),
         Status::warn, "lower work_mem");
  expect(judge_memory(settings_with([](auto& s) { s.maintenance_work_mem = k_megabyte; }),
                      k_machine, 0),
         Status::warn, "maintenance_work_mem = 64MB");
  expect(judge_memory(sensible(), k_machine, 400 * k_megabyte), Status::warn,
         "maintenance_work_mem = 500MB");
  expect(judge_memory(settings_with([](auto& s) { s.shared_buffers = 128 * k_megabyte; }), {}, 0),
         Status::warn, "a quarter of the server's memory");
  expect(judge_memory(settings_with([](auto& s) { s.work_mem = 64 * k_megabyte; }), {}, 0),
         Status::ok, "");
}

TEST(JudgePlanner, CostsOfSpinningDisksAndJitAreNamed) {
  using health::judge_planner;
  expect(judge_planner(sensible(), k_machine), Status::ok, "");
  const auto dear = settings_with([](auto& s) { s.random_page_cost = 4; });
  expect(judge_planner(dear, k_machine), Status::warn, "random_page_cost = 1.1");
  expect(judge_planner(dear, {}), Status::warn, "where the disk is an SSD");
  expect(judge_planner(dear, {.spinning_disk = true}), Status::ok, "");
  expect(judge_planner(settings_with([](auto& s) { s.jit = true; }), k_machine), Status::warn,
         "jit = off");
}

TEST(JudgeCheckpoints, ThoseThatComeTooOftenAreNamed) {
  using health::judge_checkpoints;
  expect(judge_checkpoints(sensible()), Status::ok, "");
  expect(judge_checkpoints(settings_with([](auto& s) { s.requested_checkpoints = 101; })),
         Status::warn, "max_wal_size = 2048MB");
  expect(judge_checkpoints(settings_with([](auto& s) { s.autovacuum = false; })), Status::fail,
         "autovacuum = on");
}

TEST(JudgeLimits, AStatementWithoutALimitIsNamed) {
  expect(health::judge_limits(sensible()), Status::ok, "");
  expect(health::judge_limits(settings_with([](auto& s) { s.statement_timeout = 0; })),
         Status::warn, "storage.postgres.statement_timeout");
}

TEST(JudgeRowSecurity, WhateverPassesItByIsAFailure) {
  using health::judge_row_security;
  const queries::DescribeRoles::Row app{
      .superuser = false, .bypasses = false, .role = "app", .search_logs_in = false};
  expect(judge_row_security({}, app), Status::ok, "");
  expect(judge_row_security({{"notes"}}, app), Status::fail,
         "alter table notes enable row level security; alter table notes force row level security");
  auto other = app;
  other.superuser = true;
  expect(judge_row_security({}, other), Status::fail, "nosuperuser");
  other = app;
  other.bypasses = true;
  expect(judge_row_security({}, other), Status::fail, "nobypassrls");
  other = app;
  other.search_logs_in = true;
  expect(judge_row_security({}, other), Status::fail, "loci_search nologin");
}

}  // namespace
}  // namespace loci::storage
