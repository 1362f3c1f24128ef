// Metrics as a scraper reads them.
#include <loci/storage/health.hpp>
#include <loci/storage/metrics.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/prometheus_reader.hpp"

namespace loci::storage {
namespace {

using namespace std::chrono_literals;
using test::PrometheusReader;

pg::StatementStatistics statement(std::string name, std::chrono::microseconds time,
                                  std::uint64_t calls = 1) {
  pg::StatementStatistics made;
  made.name = std::move(name);
  made.calls = calls;
  made.errors = 1;
  made.rows = 3 * calls;
  for (std::uint64_t i = 0; i < calls; ++i) made.run.record(time);
  return made;
}

Metrics metrics_of(std::vector<pg::StatementStatistics> statements) {
  Metrics metrics;
  metrics.pool.most = 30;
  metrics.statements = std::move(statements);
  return metrics;
}

TEST(Prometheus, TellsWhatThePoolHasDone) {
  Metrics metrics;
  metrics.pool = {.most = 30,
                  .open = 4,
                  .idle = 3,
                  .shared = 2,
                  .opening = 1,
                  .waiting = 5,
                  .acquired = 6,
                  .opened = 7,
                  .connect_errors = 8,
                  .timed_out = 9,
                  .refused = 10,
                  .retried_reads = 11};
  metrics.pool.retired.lifetime = 12;
  metrics.pool.waits.record(1ms);
  const PrometheusReader read(to_prometheus(metrics));
  EXPECT_EQ(read.value("loci_pool_connections_max"), 30);
  EXPECT_EQ(read.value("loci_pool_connections_open"), 4);
  EXPECT_EQ(read.value("loci_pool_connections_idle"), 3);
  EXPECT_EQ(read.value("loci_pool_connections_shared"), 2);
  EXPECT_EQ(read.value("loci_pool_connections_opening"), 1);
  EXPECT_EQ(read.value("loci_pool_waiting"), 5);
  EXPECT_EQ(read.value("loci_pool_acquired_total"), 6);
  EXPECT_EQ(read.value("loci_pool_opened_total"), 7);
  EXPECT_EQ(read.value("loci_pool_connect_errors_total"), 8);
  EXPECT_EQ(read.value("loci_pool_timed_out_total"), 9);
  EXPECT_EQ(read.value("loci_pool_refused_total"), 10);
  EXPECT_EQ(read.value("loci_pool_retried_reads_total"), 11);
  EXPECT_EQ(read.value("loci_pool_retired_total{reason=\"lifetime\"}"), 12);
  EXPECT_EQ(read.value("loci_pool_retired_total{reason=\"lost\"}"), 0);
  EXPECT_EQ(read.value("loci_pool_wait_seconds_count"), 1);
  EXPECT_NEAR(read.value("loci_pool_wait_seconds_sum"), 0.001, 1e-9);
}

TEST(Prometheus, AHistogramsBucketsAddUp) {
  pg::StatementStatistics made = statement("X", 63us);
  made.run.record(64us);
  made.run.record(500us);
  made.run.record(1h);
  const PrometheusReader read(to_prometheus(metrics_of({made})));
  const auto bucket = [&](const std::string& end) {
    return read.value("loci_statement_seconds_bucket{statement=\"X\",le=\"" + end + "\"}");
  };
  EXPECT_EQ(bucket("6.4e-05"), 1);
  EXPECT_EQ(bucket("0.000256"), 2);
  EXPECT_EQ(bucket("0.001024"), 3);
  EXPECT_EQ(bucket("16.777216"), 3);
  EXPECT_EQ(bucket("+Inf"), 4);
  EXPECT_EQ(read.value("loci_statement_seconds_count{statement=\"X\"}"), 4);
  EXPECT_NEAR(read.value("loci_statement_seconds_sum{statement=\"X\"}"), 3600.000627, 1e-6);
}

TEST(Prometheus, CountersOfStatementsAreToldByName) {
  const PrometheusReader read(to_prometheus(metrics_of({statement("GetX", 10us, 4)})));
  EXPECT_EQ(read.value("loci_statement_calls_total{statement=\"GetX\"}"), 4);
  EXPECT_EQ(read.value("loci_statement_errors_total{statement=\"GetX\"}"), 1);
  EXPECT_EQ(read.value("loci_statement_rows_total{statement=\"GetX\"}"), 12);
  EXPECT_FALSE(read.has("loci_statement_wait_seconds_count{statement=\"GetX\"}"))
      << "it never waited on the shared lane";
}

TEST(Prometheus, TextsOfOneNameAreOneSeries) {
  const PrometheusReader read(
      to_prometheus(metrics_of({statement("List", 10us, 4), statement("List", 10us, 3)})));
  EXPECT_EQ(read.value("loci_statement_calls_total{statement=\"List\"}"), 7);
}

TEST(Prometheus, TheNumberOfSeriesIsBounded) {
  std::vector<pg::StatementStatistics> many;
  for (int i = 0; i < 500; ++i) {
    many.push_back(statement("S" + std::to_string(i), std::chrono::microseconds(i)));
    many.back().order = static_cast<std::uint64_t>(i);
  }
  many.push_back(statement("other", 1us));
  many.back().order = 500;
  const PrometheusReader read(to_prometheus(metrics_of(many), 10));
  EXPECT_TRUE(read.has("loci_statement_calls_total{statement=\"S9\"}"));
  EXPECT_FALSE(read.has("loci_statement_calls_total{statement=\"S10\"}"));
  EXPECT_EQ(read.value("loci_statement_calls_total{statement=\"other\"}"), 491);
  EXPECT_EQ(read.size(),
            PrometheusReader(to_prometheus(metrics_of({}), 10)).size() + 11 * (3 + 13));
}

TEST(Prometheus, ACounterOfTheRestNeverGoesDown) {
  const auto rest = [](std::uint64_t calls_of_late) {
    auto early = statement("Early", 10us, 5);
    auto late = statement("Late", 10us, calls_of_late);
    late.order = 1;
    const PrometheusReader read(to_prometheus(metrics_of({late, early}), 1));
    return read.value("loci_statement_calls_total{statement=\"other\"}");
  };
  EXPECT_EQ(rest(3), 3);
  EXPECT_EQ(rest(300), 300) << "though it has taken the most time by now";
}

TEST(Prometheus, LabelsMayHoldAnything) {
  const std::string name = "a \"quoted\" \\ name\nof {two} lines, x=\"y\"";
  const PrometheusReader read(to_prometheus(metrics_of({statement(name, 1us)})));
  EXPECT_EQ(read.value("loci_statement_calls_total{statement=\"" + name + "\"}"), 1);
}

TEST(Prometheus, WhereThereIsNothingToTellThereIsNothing) {
  EXPECT_EQ(to_prometheus(Metrics{}), "");
  EXPECT_FALSE(to_prometheus(metrics_of({})).contains("loci_statement"));
}

TEST(Prometheus, HealthIsAGaugeForEachCheck) {
  Health health;
  health.latency = 1500us;
  health.checks = {{.name = "server"},
                   {.name = "disk", .status = HealthStatus::warn},
                   {.name = "migrations", .status = HealthStatus::fail}};
  const PrometheusReader read(to_prometheus(health));
  EXPECT_EQ(read.value("loci_health_status{check=\"server\"}"), 0);
  EXPECT_EQ(read.value("loci_health_status{check=\"disk\"}"), 1);
  EXPECT_EQ(read.value("loci_health_status{check=\"migrations\"}"), 2);
  EXPECT_NEAR(read.value("loci_health_latency_seconds"), 0.0015, 1e-9);
}

}  // namespace
}  // namespace loci::storage
