#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <loci/base/deadline.hpp>
#include <loci/base/error.hpp>
#include <loci/pg/embedded_server.hpp>
#include <optional>
#include <string>

#include "pg/embedded/folder.hpp"
#include "pg/embedded/process.hpp"
#include "pg/embedded_fixture.hpp"
#include "support/child_process.hpp"

namespace loci::pg {
namespace {

using embedded::run_statement;
using std::filesystem::path;
using test::Child;
using test::wait_until;
using State = EmbeddedServer::Status::State;

TEST(EmbeddedServer, RecoversWhatWasCommittedWhenTheServerIsKilled) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  const auto before = EmbeddedServer::open({.data_dir = folder});
  run_statement(before.dsn(), "create table rows (n int)");
  run_statement(before.dsn(), "insert into rows select generate_series(1, 1000)");
  const int killed = server_pid(folder);
  ::kill(killed, SIGKILL);

  const auto after = EmbeddedServer::open({.data_dir = folder});
  EXPECT_NE(server_pid(folder), killed);
  EXPECT_EQ(run_statement(after.dsn(), "select count(*) from rows"), "1000");
  EXPECT_EQ(run_statement(before.dsn(), "select count(*) from rows"), "1000");
}

TEST(EmbeddedServer, EndsABusyBackendThatAKilledServerLeftBehind) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  const auto before = EmbeddedServer::open({.data_dir = folder});
  // Without waits inside, the backend does not see its server die.
  Child busy([&](const auto&) {
    try {
      run_statement(before.dsn(), "do $$ begin loop end loop; end $$");
    } catch (const Error&) {  // its server is killed below
    }
  });
  const std::string looping =
      "select count(*) from pg_stat_activity where query like 'do %' and state = 'active'";
  wait_until([&] { return run_statement(before.dsn(), looping) == "1"; });
  ::kill(server_pid(folder), SIGKILL);

  const auto after = EmbeddedServer::open({.data_dir = folder});
  EXPECT_EQ(run_statement(after.dsn(), looping), "0");
}

TEST(EmbeddedServer, IsNotMisledByALockFileThatNamesAnotherLiveProcess) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  {
    const auto server = EmbeddedServer::open({.data_dir = folder});
  }
  const embedded::Folder places(folder);
  std::ofstream(places.data() / "postmaster.pid") << ::getppid() << "\n" << places.data() << "\n";

  const auto server = EmbeddedServer::open({.data_dir = folder});
  EXPECT_EQ(run_statement(server.dsn(), "select 1"), "1");
}

TEST(EmbeddedServer, LeftBehindByAKilledProcessIsSharedAndThenStoppedByTheNext) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  Child user([&](const auto& ready) {
    const auto server = EmbeddedServer::open({.data_dir = folder});
    ready();
  });
  ASSERT_TRUE(user.wait_ready());
  user.kill();
  const int left_behind = server_pid(folder);

  {
    const auto next = EmbeddedServer::open({.data_dir = folder});
    EXPECT_EQ(server_pid(folder), left_behind);
    EXPECT_EQ(run_statement(next.dsn(), "select 1"), "1");
  }
  EXPECT_EQ(state_of(folder), State::stopped);
}

TEST(EmbeddedServer, ThrowawayOfAKilledProcessIsRemovedByTheNext) {
  const ServerFolder scratch;
  Child user([&](const auto& ready) {
    const auto server = EmbeddedServer::open({.data_dir = scratch.where(), .throwaway = true});
    ready();
  });
  ASSERT_TRUE(user.wait_ready());
  const auto left = std::filesystem::directory_iterator(scratch.where())->path();
  const embedded::RunningProcess left_behind(server_pid(left));
  user.kill();

  const auto next = EmbeddedServer::open({.data_dir = scratch.where(), .throwaway = true});
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(left_behind.wait_end(Deadline::after(std::chrono::seconds(0))));
}

// What a killed process may have got to, in order.
struct Moment {
  const char* name;
  bool (*reached)(const path& folder);
};

std::optional<path> unfinished(const path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().starts_with("postgres.new-")) return entry.path();
  }
  return std::nullopt;
}

// initdb makes three databases; the bootstrap the fourth.
bool has_fourth_database(const path& folder) {
  const auto found = unfinished(folder);
  std::error_code ignored;
  return found && std::distance(std::filesystem::directory_iterator(*found / "base", ignored),
                                std::filesystem::directory_iterator()) > 3;
}

bool unfinished_has(const path& folder, const char* file) {
  const auto found = unfinished(folder);
  return found && std::filesystem::exists(*found / file);
}

class KilledWhileMaking : public testing::TestWithParam<Moment> {};

TEST_P(KilledWhileMaking, TheNextOpenGivesACompleteServer) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  Child maker([&](const auto& ready) {
    const auto server = EmbeddedServer::open({.data_dir = folder});
    ready();
  });
  wait_until([&] { return GetParam().reached(folder); });
  maker.kill();

  const auto server = EmbeddedServer::open({.data_dir = folder});
  EXPECT_EQ(run_statement(server.dsn(), "select '[1]'::vector <-> '[3]'"), "2");
  EXPECT_EQ(run_statement(server.dsn(),
                          "select pg_has_role('loci', 'loci_search', 'set') and "
                          "pg_has_role('loci', 'pg_monitor', 'usage')"),
            "t");
}

INSTANTIATE_TEST_SUITE_P(
    EmbeddedServer, KilledWhileMaking,
    testing::Values(
        Moment{"folder", [](const path& f) { return unfinished(f).has_value(); }},
        Moment{"version", [](const path& f) { return unfinished_has(f, "PG_VERSION"); }},
        Moment{"catalog", [](const path& f) { return unfinished_has(f, "base/1/1259"); }},
        Moment{"copies", [](const path& f) { return unfinished_has(f, "base/5/PG_VERSION"); }},
        Moment{"bootstrap", [](const path& f) { return unfinished_has(f, "postmaster.pid"); }},
        Moment{"database", has_fourth_database},
        Moment{"renamed", [](const path& f) { return std::filesystem::exists(f / "postgres"); }},
        Moment{
            "starting",
            [](const path& f) { return std::filesystem::exists(f / "postgres/postmaster.pid"); }}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace loci::pg
