// loci migrate, as a person runs it.
#include <gmock/gmock.h>
#include <signal.h>

#include "app/loci.hpp"
#include "support/child_process.hpp"
#include "support/scratch_folder.hpp"

namespace loci::app {
namespace {

using testing::HasSubstr;

/// A folder of migrations of its own, and `loci migrate` on an empty database with it.
class Migrate : public testing::Test {
protected:
  Migrate() {
    write("1_a.sql", "create table a (id int);\n-- migrate:down\ndrop table a;\n");
    write("2_i.sql", "create index concurrently i on a (id);\n-- migrate:down\ndrop index i;\n");
  }
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  [[nodiscard]] Words words(Words rest) const {
    rest.insert(rest.begin(), "migrate");
    rest.insert(rest.end(), {"--dir", folder_.where().string(), "--json"});
    return loci_.words(rest);
  }
  [[nodiscard]] std::string out(const Words& rest) const {
    const ProgramEnd end = test::run(words(rest));
    EXPECT_EQ(end.code, 0) << end.err;
    return end.out;
  }

  LociOnDatabase loci_{test::TestServer::instance().fresh_database_name()};
  test::ScratchFolder folder_;
};

TEST_F(Migrate, GoesUpAndDownAndSaysWhatItDid) {
  EXPECT_EQ(out({"dry-run"}), "{\"tried\":[\"0001_a\"],\"not_tried\":[\"0002_i\"]}\n");
  EXPECT_EQ(out({"up", "--to", "1"}), "{\"undone\":[],\"applied\":[\"0001_a\"]}\n");
  EXPECT_EQ(out({"goto", "2"}), "{\"undone\":[],\"applied\":[\"0002_i\"]}\n");
  EXPECT_EQ(out({"redo"}), "{\"undone\":[\"0002_i\"],\"applied\":[\"0002_i\"]}\n");
  EXPECT_EQ(out({"goto", "0"}), "{\"undone\":[\"0002_i\",\"0001_a\"],\"applied\":[]}\n");
  EXPECT_EQ(out({"baseline", "2"}),
            "{\"undone\":[],\"applied\":[],\"recorded\":[\"0001_a\",\"0002_i\"]}\n");
  EXPECT_EQ(test::run(words({"goto", "7"})).code, 1);
}

TEST_F(Migrate, LintNeedsNoDatabaseAndEndsWithThree) {
  write("3_d.sql", "select 1;\ndrop table a;\n");
  const ProgramEnd end =
      test::run(command({"migrate", "lint", "--json", "--dir", folder_.where().string()}, {}));
  EXPECT_EQ(end.code, 3) << end.err;
  const JsonDocument found = json_of(end);
  ASSERT_EQ(found.root().size(), 1U);
  for (const Json finding : found.root()) {
    EXPECT_EQ(finding["rule"].string(), "drop-table");
    EXPECT_EQ(finding["line"].integer(), 2);
    EXPECT_EQ(finding["file"].string(), (folder_ / "3_d.sql").string());
  }
  EXPECT_EQ(
      test::run(command({"migrate", "lint", "--dir", folder_.where().string()}, {"--from", "4"}))
          .code,
      0);
}

TEST_F(Migrate, CtrlCStopsTheStatementAndLeavesTheRestToTheNextRun) {
  write("3_s.sql", "create table s (id int); select pg_sleep(600);\n");
  Program program(words({"up"}));
  test::wait_until([&] {
    return program.ended() ||
           loci_.value(
               "select count(*) > 0 from pg_stat_activity where wait_event = 'PgSleep'"
               " and datname = current_database()") == "t";
  });
  program.signal_group(SIGINT);
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.code, 130) << end.err;
  EXPECT_THAT(end.err, HasSubstr("interrupted"));
  write("3_s.sql", "create table s (id int);\n");
  EXPECT_EQ(out({"up"}), "{\"undone\":[],\"applied\":[\"0003_s\"]}\n");
}

}  // namespace
}  // namespace loci::app
