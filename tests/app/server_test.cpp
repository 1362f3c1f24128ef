#include <gmock/gmock.h>

#include "app/loci.hpp"
#include "support/child_process.hpp"
#include "support/generated_export.hpp"

namespace loci::app {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string state_of(const LociOnFolder& loci) {
  return json_of(loci({"status", "--json"})).root()["state"].string_or("");
}

TEST(PrivateServer, ComesUpStaysUpAndGoesDown) {
  const LociOnFolder loci;
  EXPECT_EQ(state_of(loci), "absent");
  EXPECT_EQ(loci({"up"}).code, 0);
  const JsonDocument status = json_of(loci({"status", "--json"}));
  EXPECT_EQ(status.root()["state"].string(), "running");
  EXPECT_EQ(status.root()["kept"].boolean(), true);
  EXPECT_EQ(status.root()["version"].string(), "17");
  EXPECT_TRUE(status.root()["pid"].integer() && status.root()["log_dir"].string());
  EXPECT_EQ(json_of(loci({"up", "--json"})).root()["dsn"].string(), status.root()["dsn"].string());
  EXPECT_THAT(loci({"status"}).out, HasSubstr("running"));
  EXPECT_EQ(json_of(loci({"down", "--json"})).root()["stopped"].boolean(), true);
  EXPECT_EQ(json_of(loci({"down", "--json"})).root()["stopped"].boolean(), false);
  EXPECT_EQ(state_of(loci), "stopped");
}

TEST(PrivateServer, IsThereForOneCommandAndGoneAfterIt) {
  const LociOnFolder loci;
  EXPECT_EQ(loci({"import", "-q", "--no-embed", examples()}).code, 0);
  EXPECT_EQ(state_of(loci), "stopped");
  EXPECT_EQ(json_of(loci({"list", "--json"})).root()["total"].integer(), 39);
  EXPECT_EQ(state_of(loci), "stopped");
}

TEST(PrivateServer, OpensPsqlOnTheDatabaseWithItsRowsInSight) {
  const LociOnFolder loci;
  ASSERT_EQ(loci({"import", "-q", "--no-embed", examples()}).code, 0);
  const ProgramEnd rows = loci({"psql", "-Atc", "select count(*) from conversations"});
  EXPECT_EQ(rows.code, 0) << rows.err;
  EXPECT_EQ(rows.out, "39\n");
  EXPECT_EQ(loci({"psql", "-v", "ON_ERROR_STOP=1", "-c", "select 1/0"}).code, 1)
      << "psql's own exit code";
}

TEST(PrivateServer, PsqlGetsThePasswordWhereNobodySeesIt) {
  const LociOnFolder loci;
  const std::string dsn = json_of(loci({"up", "--json"})).root()["dsn"].string().value();
  const std::string url = dsn + " password=sesame";
  const ProgramEnd seen =
      loci({"--database-url", url, "psql", "-At", "-c",
            "\\! tr '\\0' ' ' < /proc/$PPID/cmdline; echo \" and $PGPASSWORD\""});
  EXPECT_EQ(seen.code, 0) << seen.err;
  EXPECT_THAT(seen.out, testing::HasSubstr("psql"));
  EXPECT_THAT(seen.out, testing::EndsWith(" and sesame\n"));
  EXPECT_EQ(seen.out.find("sesame"), seen.out.rfind("sesame")) << seen.out;
  EXPECT_EQ(loci({"down"}).code, 0);
}

TEST(PrivateServer, ImportEndsWith130OnCtrlCAndGoesOnLater) {
  const LociOnFolder loci;
  ASSERT_EQ(loci({"up"}).code, 0);
  const auto file = loci.place() / "export.json";
  test::write_export(file, {.conversations = 600, .messages = 50, .content_bytes = 200});
  const std::string dsn = pg::EmbeddedServer::open({.data_dir = loci.folder()}).admin_dsn("loci");
  Program program(loci.words({"import", "--no-embed", file.string()}));
  test::wait_until(
      [&] { return test::first_value(dsn, "select count(*) > 0 from messages") == "t"; });
  program.signal_group(SIGINT);
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.code, 130);
  EXPECT_THAT(end.err, HasSubstr("interrupted"));
  EXPECT_EQ(state_of(loci), "running") << "Ctrl-C reached the server";
  const std::string kept = test::first_value(dsn, "select count(*) from conversations");
  EXPECT_LT(std::stoi(kept), 600);
  EXPECT_EQ(test::damage(dsn), "");
  const JsonDocument rest = json_of(loci({"import", "--no-embed", "--json", file.string()}));
  EXPECT_EQ(rest.root()["new_conversations"].integer(), 600 - std::stoi(kept));
  EXPECT_EQ(test::first_value(dsn, "select count(*) from messages"), "30000");
  EXPECT_EQ(test::damage(dsn), "");
}

}  // namespace
}  // namespace loci::app
