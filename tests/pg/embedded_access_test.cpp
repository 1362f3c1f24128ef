#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <loci/base/deadline.hpp>
#include <loci/base/error.hpp>
#include <loci/pg/embedded_server.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "pg/embedded/folder.hpp"
#include "pg/embedded/identity.hpp"
#include "pg/embedded/lock.hpp"
#include "pg/embedded/process.hpp"
#include "pg/embedded/settings.hpp"
#include "pg/embedded_fixture.hpp"
#include "support/test_server.hpp"

namespace loci::pg {
namespace {

using namespace std::chrono_literals;
using embedded::run_statement;
using std::filesystem::path;
using testing::AllOf;
using testing::HasSubstr;

TEST(EmbeddedServer, ListensOnNoNetworkPort) {
  const auto& server = test::TestServer::instance().server();
  EXPECT_EQ(run_statement(server.admin_dsn(), "show listen_addresses"), "");

  // The sockets of the process itself, as the kernel lists them.
  const path process = "/proc/" + std::to_string(server_pid(server.data_dir()));
  std::set<std::string> inodes;
  for (const auto& entry : std::filesystem::directory_iterator(process / "fd")) {
    const std::string target = std::filesystem::read_symlink(entry.path());
    if (target.starts_with("socket:[")) inodes.insert(target.substr(8, target.size() - 9));
  }
  EXPECT_FALSE(inodes.empty());
  for (const char* table : {"net/tcp", "net/tcp6"}) {
    std::ifstream lines(process / table);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::vector<std::string> column{std::istream_iterator<std::string>(words), {}};
      if (column.size() > 9) {
        EXPECT_FALSE(inodes.contains(column[9])) << line;
      }
    }
  }
}

// Runs psql as another user of this machine; its exit code and what it said.
embedded::Outcome psql_as(const std::string& user, const std::string& dsn) {
  return embedded::run({.program = EmbeddedServer::find_bin_dir() / "psql",
                        .arguments = {"-w", "-c", "select 1", dsn}},
                       embedded::find_user(user).value(), "", Deadline::after(30s));
}

TEST(EmbeddedServer, LetsNoOtherUserOfTheMachineIn) {
  if (::geteuid() != 0 || !embedded::find_user("nobody")) GTEST_SKIP() << "needs another user";
  const ServerFolder scratch;
  const auto server = EmbeddedServer::open({.data_dir = scratch / "data"});
  const auto shut_out = psql_as("nobody", server.dsn());
  EXPECT_NE(shut_out.exit_code, 0);
  EXPECT_THAT(shut_out.output, HasSubstr("Permission denied"));

  // With the folders opened, PostgreSQL itself still refuses.
  for (const path& way :
       {server.data_dir(), server.data_dir() / "run", server.data_dir() / "run/.s.PGSQL.5432"}) {
    std::filesystem::permissions(way, std::filesystem::perms(0777));
  }
  for (const std::string& dsn : {server.dsn(), server.admin_dsn()}) {
    const auto refused = psql_as("nobody", dsn);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_THAT(refused.output, HasSubstr("Peer authentication failed"));
  }
}

TEST(EmbeddedServer, RunsAsAnUnprivilegedUserWhenStartedByRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root changes user";
  const auto& server = test::TestServer::instance().server();
  struct stat about{};
  ASSERT_EQ(::stat(("/proc/" + std::to_string(server_pid(server.data_dir()))).c_str(), &about), 0);
  EXPECT_NE(about.st_uid, 0U);
}

TEST(EmbeddedServer, RefusesAFolderItsUnprivilegedUserCannotEnter) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root changes user";
  const ServerFolder scratch;
  const path closed = scratch / "closed";
  std::filesystem::create_directory(closed);
  std::filesystem::permissions(closed, std::filesystem::perms(0700));
  const auto refusal = failure([&] { (void)EmbeddedServer::open({.data_dir = closed / "data"}); },
                               ErrorKind::configuration);
  EXPECT_THAT(refusal, AllOf(HasSubstr("cannot enter " + closed.string()), HasSubstr("chmod o+x")));
}

TEST(EmbeddedServer, RefusesDataOfAnotherMajorVersionSayingWhatToDo) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  {
    const auto server = EmbeddedServer::open({.data_dir = folder});
  }
  std::ofstream(folder / "postgres/PG_VERSION") << "16\n";

  const auto refusal =
      failure([&] { (void)EmbeddedServer::open({.data_dir = folder}); }, ErrorKind::configuration);
  EXPECT_THAT(refusal, AllOf(HasSubstr("PostgreSQL 16"), HasSubstr("PostgreSQL 17"),
                             HasSubstr("pg_upgrade")));
  EXPECT_EQ(EmbeddedServer::status(folder).version, "16");
}

TEST(EmbeddedServer, RefusesDataThatItDidNotMake) {
  const ServerFolder scratch;
  std::filesystem::create_directories(scratch / "data/postgres");
  std::ofstream(scratch / "data/postgres/PG_VERSION") << "17\n";
  std::ofstream(scratch / "PG_VERSION") << "17\n";
  const auto message = [](const path& folder) {
    return failure([&] { (void)EmbeddedServer::open({.data_dir = folder}); },
                   ErrorKind::configuration);
  };
  EXPECT_THAT(message(scratch / "data"), HasSubstr("was not made by Loci"));
  EXPECT_THAT(message(scratch.where()), HasSubstr("itself a data folder"));
}

TEST(EmbeddedServer, RefusesABinFolderOfAnotherVersion) {
  const ServerFolder scratch;
  std::ofstream(scratch / "postgres") << "#!/bin/sh\necho 'postgres (PostgreSQL) 15.4'\n";
  std::ofstream(scratch / "initdb") << "#!/bin/sh\n";
  for (const char* name : {"postgres", "initdb"}) {
    std::filesystem::permissions(scratch / name, std::filesystem::perms(0755));
  }
  const auto refusal = failure(
      [&] {
        (void)EmbeddedServer::open({.data_dir = scratch / "data", .bin_dir = scratch.where()});
      },
      ErrorKind::configuration);
  EXPECT_THAT(refusal, AllOf(HasSubstr(scratch.where().string()),
                             HasSubstr("apt install postgresql-17 postgresql-17-pgvector"),
                             HasSubstr("DATABASE_URL")));
}

TEST(EmbeddedServer, WorksInAFolderWhoseNameIsTooLongForASocket) {
  const ServerFolder scratch;
  const path folder = scratch / (std::string(120, 'x') + "/it's, a \"folder\" \\ of spaces");
  path socket;
  {
    const auto server = EmbeddedServer::open({.data_dir = folder});
    EXPECT_EQ(run_statement(server.dsn(), "select 1"), "1");
    socket = run_statement(server.admin_dsn(),
                           "select trim(current_setting("
                           "'unix_socket_directories'), '\"')");
    EXPECT_EQ(socket.parent_path(), "/tmp");
    EXPECT_EQ(std::filesystem::status(socket).permissions(), std::filesystem::perms::owner_all);
  }
  EXPECT_FALSE(std::filesystem::exists(socket));
}

TEST(EmbeddedServer, RefusesASocketFolderThatOthersMayEnter) {
  const ServerFolder scratch;
  const path folder = scratch / std::string(120, 'x');
  std::filesystem::create_directory(folder);
  std::filesystem::permissions(folder, std::filesystem::perms(0711));
  const path socket =
      embedded::Folder(folder).socket_dir(embedded::server_identity(std::nullopt).uid);
  std::filesystem::create_directory(socket);
  std::filesystem::permissions(socket, std::filesystem::perms(0777));

  const auto refusal =
      failure([&] { (void)EmbeddedServer::open({.data_dir = folder}); }, ErrorKind::configuration);
  EXPECT_THAT(refusal, HasSubstr(socket.string()));
  std::filesystem::remove(socket);
}

TEST(EmbeddedServer, ShowsTheServersOwnWordsWhenItDoesNotStart) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  {
    const auto server = EmbeddedServer::open({.data_dir = folder});
  }
  std::ofstream(folder / "postgres/postgresql.conf", std::ios::app) << "work_mem = 'a lot'\n";
  const auto refusal =
      failure([&] { (void)EmbeddedServer::open({.data_dir = folder}); }, ErrorKind::io);
  EXPECT_THAT(refusal, AllOf(HasSubstr("did not start"), HasSubstr("work_mem")));
}

TEST(EmbeddedServer, LogsNoStatementAndNoRowOfAnError) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  {
    const auto server = EmbeddedServer::open({.data_dir = folder});
    run_statement(server.dsn(), "create table secrets (word text primary key)");
    run_statement(server.dsn(), "insert into secrets values ('xyzzy')");
    failure([&] { run_statement(server.dsn(), "insert into secrets values ('xyzzy')"); },
            ErrorKind::server);
  }
  bool logged = false;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "log")) {
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    logged = logged || text.contains("duplicate key");
    EXPECT_FALSE(text.contains("xyzzy")) << entry.path();
  }
  EXPECT_TRUE(logged);
}

TEST(EmbeddedServer, RemovesLogsOfLastWeekBeforeItStarts) {
  const ServerFolder scratch;
  const path folder = scratch / "data";
  {
    const auto server = EmbeddedServer::open({.data_dir = folder});
  }
  const path old = folder / "log/postgresql-old.log";
  std::ofstream(old) << "old\n";
  std::filesystem::last_write_time(old, std::filesystem::file_time_type::clock::now() - 24h * 7);
  {
    const auto server = EmbeddedServer::open({.data_dir = folder});
  }
  EXPECT_FALSE(std::filesystem::exists(old));
}

TEST(EmbeddedSettings, GiveTheServerAQuarterOfTheMemoryWithinBounds) {
  const ServerFolder scratch;
  const embedded::Folder folder(scratch.where());
  const embedded::Identity who{.name = "someone", .home = "/", .uid = 1000};
  const auto buffers = [&](std::uint64_t mib) {
    const std::string text =
        embedded::server_settings(folder, who, false, {.memory = mib * 1024 * 1024});
    const auto at = text.find("shared_buffers = ");
    return text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(buffers(256), "shared_buffers = 128MB");
  EXPECT_EQ(buffers(2048), "shared_buffers = 512MB");
  EXPECT_EQ(buffers(65536), "shared_buffers = 1024MB");
}

TEST(FileLock, LetsOneOfManyHoldItAloneOrAllShareIt) {
  const ServerFolder scratch;
  embedded::FileLock a(scratch / "lock");
  embedded::FileLock b(scratch / "lock");
  EXPECT_TRUE(a.try_shared());
  EXPECT_TRUE(b.try_shared());
  EXPECT_FALSE(a.try_exclusive());  // and a holds nothing now
  EXPECT_TRUE(b.try_exclusive());
  EXPECT_FALSE(a.try_shared());
  failure([&] { a.lock_exclusive(Deadline::after(5ms)); }, ErrorKind::io);
}

}  // namespace
}  // namespace loci::pg
