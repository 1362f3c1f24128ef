// loci health and loci doctor, as a script sees them.
#include <gmock/gmock.h>

#include "app/loci.hpp"
#include "support/prometheus_reader.hpp"

namespace loci::app {
namespace {

using testing::HasSubstr;

// The status of one check in what --json printed.
std::string status_of(const ProgramEnd& end, std::string_view name) {
  const JsonDocument told = json_of(end);
  for (const Json check : told.root()["checks"]) {
    if (check["name"].string() == name) return std::string(check["status"].string_or(""));
  }
  ADD_FAILURE() << "no check " << name << " in " << end.out;
  return "";
}

TEST(HealthCommand, ThePrivateServerIsWell) {
  const LociOnFolder loci;
  ASSERT_EQ(loci({"list"}).code, 0);
  const ProgramEnd end = loci({"health", "--json"});
  for (const char* name : {"server", "connections", "transactions", "replication", "wraparound",
                           "durability", "extensions", "indexes", "migrations"}) {
    EXPECT_EQ(status_of(end, name), "ok") << end.out;
  }
  const std::string status(json_of(end).root()["status"].string_or(""));
  EXPECT_EQ(end.code, status == "ok" ? 0 : status == "warn" ? 3 : 1);
  const ProgramEnd text = loci({"health"});
  EXPECT_THAT(text.out, HasSubstr("PostgreSQL 17"));
  EXPECT_THAT(text.out, HasSubstr("durability"));
}

TEST(HealthCommand, WarnsWithThreeAndFailsWithOne) {
  const LociOnFolder loci;
  ASSERT_EQ(loci({"up"}).code, 0);
  const ProgramEnd pending = loci({"migrate", "down", "1"});
  ASSERT_EQ(pending.code, 0) << pending.err;
  const ProgramEnd failed = loci({"health", "--json"});
  EXPECT_EQ(failed.code, 1);
  EXPECT_EQ(status_of(failed, "migrations"), "fail");
  ASSERT_EQ(loci({"migrate", "up"}).code, 0);
  const ProgramEnd warned =
      loci({"--set", "storage.postgres.max_connections=5000", "health", "--json"});
  EXPECT_EQ(status_of(warned, "connections"), "warn");
  EXPECT_EQ(warned.code, 3) << warned.out;
}

TEST(HealthCommand, ADatabaseThatCannotBeReachedFailsAndIsNamed) {
  const ProgramEnd end = test::run(
      command({}, {"--database-url", "host=/nowhere/at/all dbname=x", "health", "--json"}));
  EXPECT_EQ(end.code, 1);
  EXPECT_EQ(status_of(end, "server"), "fail");
}

TEST(HealthCommand, PrintsGaugesForPrometheus) {
  const LociOnDatabase loci;
  const ProgramEnd end = loci({"health", "--metrics"});
  const test::PrometheusReader read(end.out);
  EXPECT_EQ(read.value("loci_health_status{check=\"server\"}"), 0);
  EXPECT_EQ(read.value("loci_health_status{check=\"durability\"}"), 2)
      << "it is a throw-away server";
  EXPECT_GT(read.value("loci_health_latency_seconds"), 0);
}

TEST(DoctorCommand, NamesKnownFaultsAndWhatPassesRowSecurityBy) {
  const LociOnDatabase loci;
  const ProgramEnd end = loci({"doctor", "--json"});
  EXPECT_EQ(status_of(end, "row_security"), "ok") << end.out;
  EXPECT_EQ(status_of(end, "limits"), "ok") << "a program's own limit, not a command's";
  const bool old =
      loci.value("select extversion < '0.8.7' from pg_extension where extname = 'vector'") == "t";
  EXPECT_EQ(status_of(end, "versions"), old ? "warn" : "ok");

  (void)loci.value("alter table messages no force row level security");
  EXPECT_EQ(status_of(loci({"doctor", "--json"}), "row_security"), "fail");
  const ProgramEnd superuser =
      test::run(command({}, {"--database-url", loci.admin_dsn(), "doctor", "--json"}));
  EXPECT_EQ(status_of(superuser, "row_security"), "fail");
  EXPECT_THAT(superuser.out, HasSubstr("is a superuser"));
}

}  // namespace
}  // namespace loci::app
