#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <loci/base/error.hpp>
#include <loci/pg/embedded_server.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pg/embedded_fixture.hpp"
#include "support/child_process.hpp"
#include "support/program.hpp"
#include "support/test_server.hpp"

namespace loci::pg {
namespace {

using embedded::run_statement;
using std::filesystem::path;
using test::Child;
using testing::AllOf;
using testing::HasSubstr;
using State = EmbeddedServer::Status::State;

TEST(EmbeddedServer, FirstOpenGivesADatabaseThatAnOrdinaryRoleOwns) {
  const ServerFolder scratch;
  const auto server = EmbeddedServer::open({.data_dir = scratch / "data"});

  const auto ask = [&](const std::string& sql) { return run_statement(server.dsn(), sql); };
  EXPECT_EQ(ask("select current_user || ' ' || current_database()"), "loci loci");
  EXPECT_EQ(ask("select rolsuper or rolcreaterole or rolbypassrls or rolcreatedb from pg_roles "
                "where rolname = 'loci'"),
            "f");
  EXPECT_EQ(ask("select pg_get_userbyid(datdba) from pg_database where datname = 'loci'"), "loci");
  EXPECT_EQ(ask("select '[1,2,3]'::vector <-> '[1,2,4]'"), "1");
  EXPECT_EQ(ask("select count(*) > 0 from pg_stat_statements"), "t");
  EXPECT_EQ(run_statement(server.admin_dsn(),
                          "select rolsuper from pg_roles where rolname = "
                          "current_user"),
            "t");
}

TEST(EmbeddedServer, SetsUpWhatTheDesignAsksFor) {
  const ServerFolder scratch;
  const auto server = EmbeddedServer::open({.data_dir = scratch / "data"});
  const auto show = [&](const std::string& name) {
    return run_statement(server.admin_dsn("loci"), "show " + name);
  };
  EXPECT_EQ(show("data_checksums"), "on");
  EXPECT_EQ(show("server_encoding"), "UTF8");
  EXPECT_EQ(show("fsync"), "on");
  EXPECT_EQ(show("synchronous_commit"), "on");
  EXPECT_EQ(show("shared_preload_libraries"), "pg_stat_statements,auto_explain");
  EXPECT_EQ(show("log_truncate_on_rotation"), "on");
  EXPECT_EQ(run_statement(server.dsn(),
                          "select datlocprovider::text || datlocale from pg_database "
                          "where datname = 'loci'"),
            "bC.UTF-8");
}

TEST(EmbeddedServer, TakesQuotesAndDashesForPunctuationInFullText) {
  auto& shared = test::TestServer::instance();
  EXPECT_EQ(
      run_statement(shared.fresh_database(),
                    "select to_tsvector('simple', '\u201cDeadlock\u201d\u2014\u00c9t\u00e9')"),
      "'deadlock':1 '\u00e9t\u00e9':2");
}

TEST(EmbeddedServer, LetsItsRoleActAsTheSearchRoleWithoutInheritingFromIt) {
  const auto& server = test::TestServer::instance();
  EXPECT_EQ(run_statement(server.dsn(),
                          "select pg_has_role('loci', 'loci_search', 'set') and not "
                          "pg_has_role('loci', 'loci_search', 'usage')"),
            "t");
  EXPECT_EQ(run_statement(server.dsn(),
                          "select rolcanlogin from pg_roles where rolname = "
                          "'loci_search'"),
            "f");
}

TEST(EmbeddedServer, KeepsItsDataFromOneStartToTheNext) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  {
    const auto server = EmbeddedServer::open({.data_dir = folder});
    run_statement(server.dsn(), "create table notes as select 'kept' as note");
  }
  const auto server = EmbeddedServer::open({.data_dir = folder});
  EXPECT_EQ(run_statement(server.dsn(), "select note from notes"), "kept");
}

TEST(EmbeddedServer, IsSharedByObjectsOfOneProcessAndStoppedByTheLast) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  std::optional<EmbeddedServer> first = EmbeddedServer::open({.data_dir = folder});
  std::optional<EmbeddedServer> second = EmbeddedServer::open({.data_dir = folder});
  const int pid = server_pid(folder);
  EXPECT_EQ(first->dsn(), second->dsn());

  first.reset();
  EXPECT_EQ(server_pid(folder), pid);
  EXPECT_EQ(run_statement(second->dsn(), "select 1"), "1");

  second.reset();
  EXPECT_EQ(state_of(folder), State::stopped);
}

TEST(EmbeddedServer, IsMadeAndStartedOnceByProcessesThatOpenItTogether) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(std::make_unique<Child>([&](const auto& ready) {
      const auto server = EmbeddedServer::open({.data_dir = folder});
      if (run_statement(server.dsn(), "select 1") != "1") throw std::runtime_error("no answer");
      std::ofstream(scratch / std::to_string(::getpid())) << server_pid(folder);
      ready();
    }));
  }
  for (auto& child : children) ASSERT_TRUE(child->wait_ready());

  std::set<std::string> servers;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.where())) {
    if (!entry.is_regular_file()) continue;
    std::string pid;
    std::getline(std::ifstream(entry.path()) >> std::ws, pid);
    servers.insert(pid);
  }
  EXPECT_EQ(servers.size(), 1U);
  for (std::size_t i = 0; i < children.size(); ++i) {
    EXPECT_EQ(state_of(folder), State::running) << i;
    EXPECT_EQ(children[i]->finish(), 0);
  }
  EXPECT_EQ(state_of(folder), State::stopped);
}

TEST(EmbeddedServer, OutlivesAForkedChildThatEnds) {
  const ServerFolder scratch;
  auto server =
      std::make_unique<EmbeddedServer>(EmbeddedServer::open({.data_dir = scratch / "data"}));
  Child child([&](const auto&) { server.reset(); });
  EXPECT_EQ(child.finish(), 0);
  EXPECT_EQ(run_statement(server->dsn(), "select 1"), "1");
}

TEST(EmbeddedServer, HoldsNoFileOfTheProgramThatStartedIt) {
  const ServerFolder scratch;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);  // inherited by whatever is started, unless prevented
  const auto server = EmbeddedServer::open({.data_dir = scratch / "data"});
  ::close(ends[1]);
  pollfd watched{.fd = ends[0], .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&watched, 1, 0), 1) << "somebody still holds the pipe's other end";
  ::close(ends[0]);

  const path files = "/proc/" + std::to_string(server_pid(server.data_dir())) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(files)) {
    EXPECT_THAT(std::filesystem::read_symlink(entry.path()).string(),
                testing::Not(HasSubstr("s.lock")));
  }
}

TEST(EmbeddedServer, RunsOnWithoutUsersWhenAskedToUntilStopped) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  EmbeddedServer::open({.data_dir = folder}).keep_running();
  EXPECT_EQ(state_of(folder), State::running);
  EXPECT_TRUE(EmbeddedServer::status(folder).kept);

  {
    const auto visitor = EmbeddedServer::open({.data_dir = folder});
  }
  EXPECT_EQ(state_of(folder), State::running);

  EXPECT_TRUE(EmbeddedServer::stop(folder));
  EXPECT_EQ(state_of(folder), State::stopped);
  EXPECT_FALSE(EmbeddedServer::status(folder).kept);
  EXPECT_FALSE(EmbeddedServer::stop(folder));

  {
    const auto later = EmbeddedServer::open({.data_dir = folder});
  }
  EXPECT_EQ(state_of(folder), State::stopped);
}

// What PostgreSQL's own file says of how the server ended.
std::string cluster_state(const path& folder) {
  const test::ProgramEnd end = test::run(
      {EmbeddedServer::find_bin_dir() / "pg_controldata", (folder / "postgres").string()});
  EXPECT_EQ(end.code, 0) << end.err;
  const std::string name = "Database cluster state:";
  const std::size_t at = end.out.find_first_not_of(' ', end.out.find(name) + name.size());
  return end.out.substr(at, end.out.find('\n', at) - at);
}

TEST(EmbeddedServer, ShutsDownCleanlyWheneverItIsStopped) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  {
    const auto server = EmbeddedServer::open({.data_dir = folder});
    run_statement(server.dsn(), "create table notes as select 'dirty' as page");
    EXPECT_EQ(cluster_state(folder), "in production");
  }
  EXPECT_EQ(cluster_state(folder), "shut down") << "left by its last user";

  EmbeddedServer::open({.data_dir = folder}).keep_running();
  EmbeddedServer::stop(folder);
  EXPECT_EQ(cluster_state(folder), "shut down") << "stopped";

  const auto used = EmbeddedServer::open({.data_dir = folder});
  EmbeddedServer::stop(folder, true);
  EXPECT_EQ(cluster_state(folder), "shut down") << "stopped under its users";
}

TEST(EmbeddedServer, IsStoppedUnderItsUsersOnlyByForce) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  const auto server = EmbeddedServer::open({.data_dir = folder});

  const auto refusal = failure([&] { EmbeddedServer::stop(folder); }, ErrorKind::io);
  EXPECT_THAT(refusal, AllOf(HasSubstr("still use"), HasSubstr("fuser -v")));
  EXPECT_EQ(state_of(folder), State::running);

  EXPECT_TRUE(EmbeddedServer::stop(folder, true));
  EXPECT_EQ(state_of(folder), State::stopped);
}

TEST(EmbeddedServer, TellsTheStateOfAFolderThatIsNotThere) {
  const ServerFolder scratch;
  const auto status = EmbeddedServer::status(scratch / "none");
  EXPECT_EQ(status.state, State::absent);
  EXPECT_EQ(status.version, "");
  EXPECT_FALSE(EmbeddedServer::stop(scratch / "none"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "none"));
}

TEST(EmbeddedServer, TellsVersionAndWhereToConnectWhenRunning) {
  const ServerFolder scratch;
  const auto server = EmbeddedServer::open({.data_dir = scratch / "data"});
  const auto status = EmbeddedServer::status(scratch / "data");
  EXPECT_EQ(status.version, "17");
  EXPECT_EQ(status.dsn, server.dsn());
  EXPECT_TRUE(std::filesystem::is_directory(status.log_dir));
}

TEST(EmbeddedServer, ThrowawayIsGoneWithItsObject) {
  const ServerFolder scratch;
  path folder;
  {
    const auto server = EmbeddedServer::open({.data_dir = scratch.where(), .throwaway = true});
    folder = server.data_dir();
    EXPECT_EQ(folder.parent_path(), scratch.where());
    EXPECT_EQ(run_statement(server.dsn(), "show fsync"), "off");
    EXPECT_EQ(run_statement(server.dsn(), "show full_page_writes"), "off");
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(EmbeddedServer, ThrowawayCannotBeKept) {
  auto& shared = test::TestServer::instance();
  failure([&] { shared.server().keep_running(); }, ErrorKind::invalid_argument);
}

TEST(EmbeddedServer, ThrowawayInUseIsLeftAloneByOthers) {
  const ServerFolder scratch;
  const auto first = EmbeddedServer::open({.data_dir = scratch.where(), .throwaway = true});
  const auto second = EmbeddedServer::open({.data_dir = scratch.where(), .throwaway = true});
  EXPECT_NE(first.data_dir(), second.data_dir());
  EXPECT_EQ(run_statement(first.dsn(), "select 1"), "1");
}

TEST(EmbeddedServer, GivesEachTestADatabaseOfItsOwn) {
  auto& shared = test::TestServer::instance();
  const std::string name = shared.fresh_database_name();
  run_statement(shared.dsn(name), "create table marks as select 7 as mark");
  EXPECT_EQ(run_statement(shared.fresh_database(), "select to_regclass('marks') is null"), "t");
  EXPECT_EQ(run_statement(shared.fresh_database(name), "select mark from marks"), "7");
  EXPECT_EQ(run_statement(shared.fresh_database(), "select '[1]'::vector"), "[1]");
  EXPECT_EQ(run_statement(shared.fresh_database(), "create database made_by_role"), "");
}

}  // namespace
}  // namespace loci::pg
