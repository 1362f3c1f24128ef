// loci config, and where a command finds its settings.
#include <gmock/gmock.h>

#include "app/loci.hpp"
#include "support/scratch_folder.hpp"

namespace loci::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct ConfigCommand : testing::Test {
  ConfigCommand() {
    folder.write("good.yaml",
                 "storage:\n  postgres:\n    max_connections: 7\n    database_url: "
                 "postgresql://ann:hush-4711@db/x\n");
    folder.write("bad.yaml",
                 "storage:\n  postgres:\n    max_conections: 7\n    lock_timeout: soon\n");
  }
  [[nodiscard]] std::string place(const char* name) const { return folder / name; }
  [[nodiscard]] static ProgramEnd loci(const Words& words, const ProgramOptions& options = {}) {
    return test::run(command({}, words), options);
  }
  test::ScratchFolder folder;
};

TEST_F(ConfigCommand, ShowPrintsEachValueWithItsOriginAndHidesSecrets) {
  const ProgramEnd end = loci(
      {"--config", place("good.yaml"), "--set", "storage.vector.dimensions=64", "config", "show"},
      {.environment = {{"LOCK_TIMEOUT", "9s"}}});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(end.out, AllOf(HasSubstr("storage.postgres.max_connections: 7  # " +
                                       place("good.yaml") + ":3:22"),
                             HasSubstr("storage.postgres.lock_timeout: 9s  # LOCK_TIMEOUT"),
                             HasSubstr("storage.vector.dimensions: 64  # --set"),
                             HasSubstr("storage.postgres.max_conn_lifetime: 1h  # default"),
                             HasSubstr("secrets hidden"), HasSubstr("does not act yet")));
  EXPECT_THAT(end.out, Not(HasSubstr("hush-4711")));
}

TEST_F(ConfigCommand, ShowAnswersInJson) {
  const JsonDocument shown =
      json_of(loci({"config", "show", "--json", "--config", place("good.yaml")}));
  bool found = false;
  for (const Json each : shown.root()) {
    EXPECT_FALSE(each["value"].string_or("").contains("hush-4711"));
    if (each["key"].string() != "storage.postgres.max_connections") continue;
    found = true;
    EXPECT_EQ(each["value"].string(), "7");
    EXPECT_EQ(each["origin"].string(), place("good.yaml") + ":3:22");
    EXPECT_EQ(each["line"].integer(), 3);
  }
  EXPECT_TRUE(found);
}

TEST_F(ConfigCommand, CheckSaysEverythingThatIsWrongAtOnce) {
  EXPECT_EQ(loci({"config", "check", place("good.yaml")}).code, 0);
  const ProgramEnd end = loci({"config", "check", place("bad.yaml")});
  EXPECT_EQ(end.code, 1);
  EXPECT_EQ(std::ranges::count(end.err, '\n'), 2) << end.err;
  EXPECT_THAT(end.err,
              AllOf(HasSubstr("bad.yaml:3:5: "), HasSubstr("storage.postgres.max_connections"),
                    HasSubstr("bad.yaml:4:19: "), HasSubstr("a duration")));
  const JsonDocument told = json_of(loci({"config", "check", place("bad.yaml"), "--json"}));
  EXPECT_EQ(told.root()["faults"].size(), 2U);
  EXPECT_EQ(loci({"config", "check", "/not/there.yaml"}).code, 1);
}

TEST_F(ConfigCommand, ABadFileStopsEveryCommandInOneLine) {
  const ProgramEnd end = loci({"status"}, {.environment = {{"LOCI_CONFIG", place("bad.yaml")}}});
  EXPECT_EQ(end.code, 1);
  EXPECT_EQ(std::ranges::count(end.err, '\n'), 1) << end.err;
  EXPECT_THAT(end.err, AllOf(HasSubstr(":3:5: "), HasSubstr(":4:19: ")));
}

TEST_F(ConfigCommand, AWrongSetIsWrongUsageOrNamed) {
  EXPECT_EQ(loci({"config", "show", "--set", "no-equals"}).code, 2);
  const ProgramEnd end = loci({"config", "check", "--set", "storage.postgres.max=1"});
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err, HasSubstr("--set: there is no such setting"));
}

TEST_F(ConfigCommand, TheFilesDatabaseIsUsedUnlessAFlagNamesAnother) {
  const LociOnDatabase there;
  folder.write("there.yaml", "storage: {postgres: {database_url: '" + there.url + "'}}");
  EXPECT_EQ(loci({"--config", place("there.yaml"), "list"}).code, 0);
  const ProgramEnd elsewhere = loci(
      {"--config", place("there.yaml"), "--database-url", "host=/nowhere/at/all dbname=x", "list"});
  EXPECT_EQ(elsewhere.code, 1);
}

TEST_F(ConfigCommand, AutoMigrateLetsACommandMigrateADatabaseThatIsBehind) {
  const LociOnDatabase behind(test::TestServer::instance().fresh_database_name());
  EXPECT_EQ(behind({"list"}).code, 1);
  EXPECT_EQ(behind({"--set", "storage.migrations.auto_migrate=true", "list"}).code, 0);
  EXPECT_EQ(behind({"list"}).code, 0);
}

TEST_F(ConfigCommand, AutoMigrateSwitchedOffLeavesThePrivateServerAlone) {
  const LociOnFolder loci;
  const ProgramEnd refused = loci({"--set", "storage.migrations.auto_migrate=false", "list"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("loci migrate up"));
  EXPECT_EQ(loci({"list"}).code, 0);
}

TEST_F(ConfigCommand, SearchThresholdLeavesOutWhatIsFarAway) {
  const LociOnDatabase loci;
  ASSERT_EQ(loci({"import", "-q", examples()}).code, 0);
  const auto hits = [&](const std::string& threshold) {
    const JsonDocument found =
        json_of(loci({"--set", "storage.vector.search_threshold=" + threshold, "search", "--json",
                      "--limit", "50", "xyzzy deadlok"}));
    return found.root()["hits"].size();
  };
  EXPECT_GT(hits("-1"), 0U);
  EXPECT_EQ(hits("1"), 0U);
}

}  // namespace
}  // namespace loci::app
