// Plans in the server's log, where a role may ask for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::Database;
using test::eventually;
using test::query;
using test::soon;
using test::TestServer;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

std::string server_log() {
  std::string text;
  for (const auto& entry :
       std::filesystem::directory_iterator(TestServer::instance().server().data_dir() / "log")) {
    std::ifstream file(entry.path());
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  return text;
}

// What stands in the log from the line that names `mark` to the next plan; empty: no such plan.
std::string plan_of(const std::string& mark) {
  const std::string text = server_log();
  const std::size_t begin = text.find("Query Text: select '" + mark);
  return begin == std::string::npos ? "" : text.substr(begin, text.find("plan:", begin) - begin);
}

// What goes to standard error while a pool with these options asks for `sql`.
std::string run(PoolOptions options, const std::string& sql, const std::string& dsn = "") {
  options.conninfo = dsn;
  testing::internal::CaptureStderr();
  {
    Database db(std::move(options));
    for (int i = 0; i < 2; ++i) {
      auto request = query<type::Text>(sql, "sesame");
      (void)db.run(ask(db.pool, std::move(request)));
    }
  }
  return testing::internal::GetCapturedStderr();
}

TEST(AutoExplain, SendsThePlanOfWhatWasSlowToTheServersLog) {
  EXPECT_EQ(run({.auto_explain = {.enabled = true, .min_duration = 0ms}},
                "select 'plain-mark', $1::text"),
            "");
  ASSERT_TRUE(eventually([] { return !plan_of("plain-mark").empty(); }));
  EXPECT_THAT(plan_of("plain-mark"), HasSubstr("cost="));
  EXPECT_THAT(plan_of("plain-mark"), Not(HasSubstr("actual")));
  EXPECT_THAT(plan_of("plain-mark"), Not(HasSubstr("Query Parameters")));
}

TEST(AutoExplain, TellsWhatReallyHappenedWhenAsked) {
  (void)run({.auto_explain =
                 {.enabled = true, .log_analyze = true, .log_buffers = true, .min_duration = 0ms}},
            "select 'timed-mark', $1::text from pg_class limit 3");
  ASSERT_TRUE(eventually([] { return plan_of("timed-mark").contains("Buffers:"); }));
  EXPECT_THAT(plan_of("timed-mark"), HasSubstr("actual time="));

  (void)run({.auto_explain =
                 {.enabled = true, .log_analyze = true, .log_timing = false, .min_duration = 0ms}},
            "select 'untimed-mark', $1::text");
  ASSERT_TRUE(eventually([] { return plan_of("untimed-mark").contains("actual rows="); }));
  EXPECT_THAT(plan_of("untimed-mark"), Not(HasSubstr("actual time=")));
}

TEST(AutoExplain, WritesNothingOfWhatWasQuickEnough) {
  (void)run({.auto_explain = {.enabled = true, .min_duration = 1h}}, "select 'quick', $1::text");
  (void)run({.auto_explain = {.enabled = true, .min_duration = 0ms}}, "select 'later', $1::text");
  ASSERT_TRUE(eventually([] { return !plan_of("later").empty(); }));
  EXPECT_EQ(plan_of("quick"), "");
}

TEST(AutoExplain, WhereItIsRefusedThePoolWarnsOnceAndWorksOn) {
  auto& server = TestServer::instance();
  const std::string name = server.fresh_database_name();
  Database admin({.conninfo = server.admin_dsn()});
  admin.script("create role modest login");
  // Peer authentication knows no such user; a superuser's session becomes one.
  const std::string warned = run(
      {.settings = {{"role", "modest"}}, .auto_explain = {.enabled = true, .min_duration = 0ms}},
      "select 'modest-mark', $1::text", server.admin_dsn(name));
  EXPECT_THAT(warned, HasSubstr("auto_explain_refused"));
  EXPECT_THAT(warned, HasSubstr("grant set on parameter"));
  EXPECT_EQ(std::ranges::count(warned, '\n'), 1);
}

TEST(AutoExplain, IsNotForPgBouncer) {
  const std::string warned =
      run({.pgbouncer = true, .auto_explain = {.enabled = true}}, "select $1::text");
  EXPECT_THAT(warned, HasSubstr("PgBouncer"));
}

}  // namespace
}  // namespace loci::pg
