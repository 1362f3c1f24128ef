#include <gmock/gmock.h>
#include <loci/base/json.hpp>

#include <filesystem>

#include "pg/embedded/sql.hpp"
#include "sqlgen/scratch_folder.hpp"
#include "support/child_process.hpp"
#include "support/program.hpp"
#include "support/test_server.hpp"

/// The real program, as a person runs it.
namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;
using pg::embedded::run_statement;
using test::ProgramEnd;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view settings = R"(version: "2"
sql:
- engine: postgresql
  schema: db/schema.sql
  queries: db/queries
  gen:
    cpp: {out: gen, namespace: app}
)";

class SqlgenProgram : public testing::Test {
protected:
  SqlgenProgram() {
    // The server's own user must get in when the tests run as root.
    fs::permissions(folder_ / ".", fs::perms(0755));
    folder_.write("loci-sqlgen.yaml", settings);
    folder_.write("db/schema.sql", "create table users (id bigint primary key, name text);\n");
    folder_.write("db/queries/users.sql", find_user);
  }

  std::vector<std::string> words(std::vector<std::string> rest) const {
    std::vector<std::string> all = {"/usr/bin/env", "-C", (folder_ / ".").string(),
                                    LOCI_SQLGEN_PROGRAM};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }
  test::ProgramOptions options() const {
    return {.environment = {{"XDG_CACHE_HOME", (folder_ / "cache").string()},
                            {"TMPDIR", (folder_ / ".").string()}}};
  }
  ProgramEnd run(std::vector<std::string> rest) const {
    return test::run(words(std::move(rest)), options());
  }
  ProgramEnd git(std::vector<std::string> rest) const {
    rest.insert(rest.begin(), {"/usr/bin/env", "git", "-C", (folder_ / ".").string(), "-c",
                               "user.name=t", "-c", "user.email=t@localhost"});
    return test::run(rest);
  }

  static constexpr std::string_view find_user =
      "-- name: FindUser :one\nselect id, name from users where id = @id;\n";
  ScratchFolder folder_;
};

TEST_F(SqlgenProgram, GeneratesWhatTheSettingsFileSaysFromAnyFolderBelow) {
  const ProgramEnd end = test::run(
      {"/usr/bin/env", "-C", (folder_ / "db/queries").string(), LOCI_SQLGEN_PROGRAM, "generate"},
      options());
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(folder_.read("gen/users.hpp"), HasSubstr("struct FindUser"));
}

TEST_F(SqlgenProgram, EmitsWhatTheSettingsAskFor) {
  folder_.write("loci-sqlgen.yaml", R"(version: "2"
overrides:
  cpp: {rename: {name: full_name}}
sql:
- engine: postgresql
  schema: db/schema.sql
  queries: db/queries
  gen:
    cpp:
      out: gen
      namespace: app
      emit_interface: true
      emit_json: true
      overrides:
      - {column: users.id, cpp_type: {type: "my::Id", include: my/id.hpp, codec: "my::IdCodec"}}
)");
  const ProgramEnd end = run({"generate"});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(folder_.read("gen/querier.hpp"), HasSubstr("find_user"));
  EXPECT_THAT(folder_.read("gen/users.hpp") + folder_.read("gen/models.hpp"),
              AllOf(HasSubstr("std::optional<std::string> full_name;"), HasSubstr("my::Id id"),
                    HasSubstr("\"my/id.hpp\""), HasSubstr("write_json")));
}

TEST_F(SqlgenProgram, SparesARunWithoutChangesAndSeesEveryChange) {
  fs::create_directory(folder_ / "trace");
  fs::permissions(folder_ / "trace", fs::perms(0755));
  ASSERT_EQ(run({"generate"}).code, 0);
  const auto server_needed = [&] {
    // A server's folder is made here and removed again, which leaves a trace.
    auto traced = options();
    traced.environment["TMPDIR"] = (folder_ / "trace").string();
    const fs::file_time_type long_ago{};
    fs::last_write_time(folder_ / "trace", long_ago);
    const ProgramEnd end = test::run(words({"generate"}), traced);
    EXPECT_EQ(end.code, 0) << end.err;
    return fs::last_write_time(folder_ / "trace") != long_ago;
  };
  EXPECT_FALSE(server_needed());

  const std::string header = folder_.read("gen/users.hpp");
  folder_.write("gen/users.hpp", header + "// edited\n");
  EXPECT_TRUE(server_needed()) << "an output was edited";
  EXPECT_EQ(folder_.read("gen/users.hpp"), header);
  EXPECT_FALSE(server_needed());

  fs::remove(folder_ / "gen/users.hpp");
  EXPECT_TRUE(server_needed()) << "an output is gone";
  folder_.write("db/queries/more.sql", "-- name: One :one\nselect 1 as one;\n");
  EXPECT_TRUE(server_needed()) << "a query file is new";
  folder_.write("db/schema.sql", "create table users (id bigint primary key, name varchar);\n");
  EXPECT_TRUE(server_needed()) << "the schema changed";
  folder_.write("loci-sqlgen.yaml", std::string(settings) + "# a comment\n");
  EXPECT_TRUE(server_needed()) << "the settings changed";
  EXPECT_FALSE(server_needed());
  folder_.write("db/queries/users.sql", std::string(find_user) + "-- name: No :one\nselect no;\n");
  EXPECT_EQ(run({"generate"}).code, 1);
  EXPECT_EQ(run({"generate"}).code, 1) << "a failure is not remembered";
}

TEST_F(SqlgenProgram, DiffsAndChecksWithoutWriting) {
  const ProgramEnd all = run({"diff"});
  EXPECT_EQ(all.code, 1);
  EXPECT_THAT(all.out, AllOf(StartsWith("--- /dev/null\n+++ gen/"), HasSubstr("+struct FindUser")));
  EXPECT_FALSE(fs::exists(folder_ / "gen"));
  ASSERT_EQ(run({"generate"}).code, 0);
  EXPECT_EQ(run({"diff"}).code, 0);

  folder_.write("db/queries/users.sql",
                "-- name: FindUser :one\nselect id, name from users where id = @number;\n");
  const ProgramEnd some = run({"diff"});
  EXPECT_EQ(some.code, 1);
  EXPECT_THAT(some.out, AllOf(HasSubstr("-  std::int64_t id = 0;\n+  std::int64_t number = 0;"),
                              HasSubstr("\n@@ -")));
  const ProgramEnd check = run({"generate", "--check"});
  EXPECT_EQ(check.code, 1);
  EXPECT_EQ(check.err, "gen/users.hpp differs\n");
}

TEST_F(SqlgenProgram, CompilesAndDescribes) {
  EXPECT_EQ(run({"compile"}).code, 0);
  EXPECT_FALSE(fs::exists(folder_ / "gen"));
  EXPECT_EQ(run({"describe"}).out, R"({"queries":[{"name":"FindUser","cmd":":one",)"
                                   R"("params":[{"name":"id","type":"int8","nullable":false}],)"
                                   R"("columns":[{"name":"id","type":"int8","nullable":false},)"
                                   R"({"name":"name","type":"text","nullable":true}]}]})"
                                   "\n");
  folder_.write("db/queries/users.sql", "-- name: A :one\nselect a;\n-- name: B :one\nselect b;\n");
  const ProgramEnd end = run({"compile"});
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err, AllOf(HasSubstr("db/queries/users.sql:2:8: A: column \"a\" does not exist"),
                             HasSubstr("db/queries/users.sql:4:8: B: column \"b\"")));
  const ProgramEnd described =
      run({"describe", "--json", "--schema", "db/schema.sql", "--queries", "db/queries/users.sql"});
  EXPECT_EQ(described.code, 1);
  EXPECT_EQ(JsonDocument::parse(described.out).root()["errors"].size(), 2U);
}

TEST_F(SqlgenProgram, TakesTheSchemaOfALiveDatabaseAndLeavesItAlone) {
  auto& server = test::TestServer::instance();
  const std::string live = server.fresh_database_name();
  run_statement(server.dsn(live),
                "create table people (id bigint primary key, \"full name\" text)");
  run_statement(server.dsn(live),
                "alter database " + live + " set default_transaction_read_only = on");
  folder_.write("db/queries/users.sql",
                "-- name: All :many\nselect id, \"full name\" as n from people;\n");
  std::string text(settings);
  text.replace(text.find("schema: db/schema.sql"), 21, "database: {uri: \"${LIVE}\"}");
  folder_.write("loci-sqlgen.yaml", text);
  auto live_options = options();
  live_options.environment["LIVE"] = server.dsn(live) + " password=geheim";
  const ProgramEnd end = test::run(words({"describe"}), live_options);
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(end.out, HasSubstr(R"({"name":"id","type":"int8","nullable":false},{"name":"n",)"));

  live_options.environment["LIVE"] = "host=/nowhere dbname=d user=u password=geheim";
  const ProgramEnd lost = test::run(words({"compile"}), live_options);
  EXPECT_EQ(lost.code, 2);
  EXPECT_THAT(lost.err, AllOf(HasSubstr("pg_dump"), testing::Not(HasSubstr("geheim"))));
}

TEST_F(SqlgenProgram, VetsByTheRulesOfTheSettings) {
  folder_.write(
      "db/queries/users.sql",
      "-- name: All :many\nselect * from users;\n-- name: Wipe :exec\ndelete from users;\n");
  folder_.write("loci-sqlgen.yaml",
                std::string(settings) +
                    "  rules: [no-missing-where, mine]\n"
                    "rules:\n- name: mine\n  message: no\n"
                    "  sql: select name, 'not All' from queries where name = 'All'\n");
  const ProgramEnd end = run({"vet"});
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err,
              AllOf(HasSubstr("db/queries/users.sql:1:1: All: "), HasSubstr("[mine]\n"),
                    HasSubstr("db/queries/users.sql:3:1: Wipe: "),
                    HasSubstr("[no-missing-where]\n"), testing::Not(HasSubstr("no-select-star"))));
  const JsonDocument json = JsonDocument::parse(run({"vet", "--json"}).out);
  EXPECT_EQ(json.root()["findings"].size(), 2U);
  folder_.write("db/queries/users.sql", "-- name: One :one\nselect 1 as one;\n");
  EXPECT_EQ(run({"vet"}).code, 0);
  folder_.write("loci-sqlgen.yaml", std::string(settings) +
                                        "  rules: [costly]\n"
                                        "rules: [{name: costly, rule: 'a > b'}]\n");
  const ProgramEnd sqlcs = run({"vet"});
  EXPECT_EQ(sqlcs.code, 0);
  EXPECT_THAT(sqlcs.err, HasSubstr("note: CEL rule costly not run"));
}

TEST_F(SqlgenProgram, VerifiesOlderQueriesOfAFolderOrACommit) {
  folder_.write("old/users.sql", find_user);
  if (git({"init", "-q"}).code != 0) GTEST_SKIP() << "needs git";
  ASSERT_EQ(git({"add", "-A"}).code, 0);
  ASSERT_EQ(git({"commit", "-q", "-m", "one"}).code, 0);
  EXPECT_EQ(run({"verify", "--against", "old"}).out, "old: 1 query can be prepared, 0 faults\n");

  folder_.write("db/schema.sql", "create table users (id bigint primary key, full_name text);\n");
  folder_.write("db/queries/users.sql", "-- name: FindUser :one\nselect id from users;\n");
  EXPECT_EQ(run({"compile"}).code, 0);
  const ProgramEnd folder = run({"verify", "--against", "old"});
  EXPECT_EQ(folder.code, 1);
  EXPECT_THAT(folder.err, StartsWith("old/users.sql:2:12: FindUser: column \"name\" does not"));
  const ProgramEnd commit = run({"verify", "--against", "HEAD"});
  EXPECT_EQ(commit.code, 1);
  EXPECT_THAT(commit.err, StartsWith("HEAD:db/queries/users.sql:2:12: FindUser: column \"name\""));
  EXPECT_EQ(run({"verify", "--against", "--output=x"}).code, 2);
  EXPECT_EQ(run({"verify", "--against=nothing-like-it"}).code, 2);
}

TEST_F(SqlgenProgram, StartsASettingsFileAndOverwritesNone) {
  EXPECT_EQ(run({"init"}).code, 2);
  EXPECT_EQ(folder_.read("loci-sqlgen.yaml"), settings);
  fs::remove(folder_ / "loci-sqlgen.yaml");
  EXPECT_EQ(run({"init"}).code, 0);
  folder_.write("db/migrations/1.sql", "create table users (id bigint primary key, name text);");
  EXPECT_EQ(run({"generate"}).code, 0) << "what it wrote is a settings file";
  EXPECT_TRUE(fs::exists(folder_ / "src/queries/users.hpp"));
}

TEST_F(SqlgenProgram, ListsTheFilesOfABuildAndWritesJustThose) {
  folder_.write("db/queries/empty.sql", "-- nothing yet\n");
  const std::string root = (folder_ / "").string();
  EXPECT_EQ(run({"files", "-f", "loci-sqlgen.yaml", "--out-root", "build"}).out,
            "schema " + root + "db/schema.sql\nqueries " + root + "db/queries\nout " + root +
                "build/gen\nheader " + root + "build/gen/empty.hpp\nheader " + root +
                "build/gen/models.hpp\nheader " + root + "build/gen/users.hpp\n");
  ASSERT_EQ(
      run({"generate", "-f", "loci-sqlgen.yaml", "--out-root", "build", "--every-header"}).code, 0);
  for (const char* name : {"empty.hpp", "models.hpp", "users.hpp"}) {
    EXPECT_TRUE(fs::exists(folder_ / "build/gen" / name)) << name;
  }
}

TEST_F(SqlgenProgram, TellsWrongUsageFromFindings) {
  EXPECT_EQ(run({}).code, 2);
  EXPECT_EQ(run({"generate", "--schema", "db/schema.sql"}).code, 2);
  EXPECT_EQ(run({"describe", "--schema", "db/schema.sql"}).code, 2);
  fs::remove(folder_ / "loci-sqlgen.yaml");
  const ProgramEnd lost = run({"generate"});
  EXPECT_EQ(lost.code, 2);
  EXPECT_THAT(lost.err, HasSubstr("loci-sqlgen init"));
  EXPECT_EQ(run({"--help"}).code, 0);
}

TEST_F(SqlgenProgram, StopsItsServerOnCtrlC) {
  folder_.write("db/schema.sql", "select pg_sleep(1000);\n");
  test::Program program(words({"compile"}), options());
  const auto server_folder = [&]() -> fs::path {
    for (const auto& entry : fs::directory_iterator(folder_ / "")) {
      if (entry.path().filename().string().starts_with("loci-") && entry.is_directory()) {
        return entry.path();
      }
    }
    return {};
  };
  test::wait_until([&] {
    const fs::path folder = server_folder();
    return !folder.empty() && fs::exists(folder / "postgres/postmaster.pid");
  });
  program.signal(SIGINT);
  EXPECT_EQ(program.wait().code, 130);
  EXPECT_EQ(server_folder(), "");
}

}  // namespace
}  // namespace loci::sqlgen
