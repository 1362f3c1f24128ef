// What a server in trouble says arrives typed, and leaves the pool whole.
#include <loci/pg/quote.hpp>
#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <filesystem>

#include "pg/ask.hpp"
#include "pg/embedded/files.hpp"
#include "pg/embedded/sql.hpp"
#include "pg/embedded_fixture.hpp"

namespace loci::pg {
namespace {

using embedded::run_statement;
using test::ask;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::soon;
using test::TestServer;
using test::value;
using namespace std::chrono_literals;

constexpr int k_connections = 3;

PoolOptions options_with(std::map<std::string, std::string> settings) {
  return {.max_connections = k_connections, .settings = std::move(settings)};
}

// Every connection can be leased, answers, and comes back.
void expect_whole(Database& db) {
  std::vector<Lease> leases;
  for (int i = 0; i < k_connections; ++i) leases.push_back(db.run(db.pool.acquire(soon())));
  for (Lease& each : leases) {
    EXPECT_EQ(db.run(value<type::Int4>(each, query("select 1"))), 1);
  }
  leases.clear();
  const PoolStatistics now = db.pool.statistics();
  EXPECT_EQ(now.idle, k_connections);
  EXPECT_EQ(now.waiting, 0);
}

Error error_of_running(Database& db, std::string_view sql) {
  return error_of([&] { return db.run(ask(db.pool, query(sql))); });
}

TEST(ServerErrors, AStatementTimeoutOfTheServer) {
  Database db(options_with({{"statement_timeout", "20ms"}}));
  const Error error = error_of_running(db, "select pg_sleep(600)");
  EXPECT_EQ(error.kind(), ErrorKind::server);
  EXPECT_EQ(error.sqlstate(), "57014");
  EXPECT_FALSE(error.outcome_unknown());
  expect_whole(db);
  EXPECT_EQ(db.pool.statistics().retired.total(), 0U);
}

TEST(ServerErrors, ALockTimeout) {
  Database db(options_with({{"lock_timeout", "20ms"}}));
  db.script("create table t (id int)");
  {
    Transaction holder = db.run(Transaction::begin(db.pool, {}, soon()));
    (void)db.run(ask(holder, query("lock table t")));
    const Error error = error_of_running(db, "insert into t values (1)");
    EXPECT_EQ(error.kind(), ErrorKind::server);
    EXPECT_EQ(error.sqlstate(), "55P03");
    db.run(holder.commit(soon()));
  }
  expect_whole(db);
  EXPECT_EQ(db.pool.statistics().retired.total(), 0U);
}

// The server ends the connection, too.
TEST(ServerErrors, ATransactionThatIdlesTooLong) {
  Database db(options_with({{"idle_in_transaction_session_timeout", "20ms"}}));
  {
    Transaction idle = db.run(Transaction::begin(db.pool, {}, soon()));
    const std::int32_t pid = db.run(test::backend_pid(idle));
    EXPECT_TRUE(eventually([&] {
      return db.run(value<type::Int8>(
                 db.pool, query<type::Int4>("select count(*) from pg_stat_activity where pid = $1",
                                            pid))) == 0;
    }));
    const Error error = error_of([&] { return db.run(ask(idle, query("select 1"))); });
    EXPECT_EQ(error.kind(), ErrorKind::connection_lost);
    EXPECT_EQ(error.sqlstate(), "25P03");
  }
  expect_whole(db);
  EXPECT_EQ(db.pool.statistics().retired.total(), 1U);
}

TEST(ServerErrors, TooManyConnections) {
  TestServer& server = TestServer::instance();
  const std::string name = server.fresh_database_name();
  const auto limit = [&](std::string_view most) {
    run_statement(server.admin_dsn(), "alter database " + quote_identifier(name) +
                                          " connection limit " + std::string(most));
  };
  limit("0");
  // The pool's own timeout stays long: the last step waits through the pause after the refusals.
  Database db({.conninfo = server.dsn(name), .max_connections = k_connections});
  const auto refusal = [&] {
    return error_of([&] { return db.run(db.pool.acquire(Deadline::after(300ms))); });
  };
  const Error refused = refusal();
  EXPECT_EQ(refused.kind(), ErrorKind::connect);
  EXPECT_EQ(refused.sqlstate(), "53300");
  EXPECT_THAT(refused.what(), testing::HasSubstr("too many connections"));

  limit("1");
  {
    const Lease only = db.run(db.pool.acquire(soon()));
    const Error waited = refusal();
    EXPECT_EQ(waited.kind(), ErrorKind::pool_timeout);
    EXPECT_THAT(waited.what(), testing::HasSubstr("too many connections"));
  }
  limit("-1");
  expect_whole(db);
}

TEST(ServerErrors, ATemporaryFileOverItsLimit) {
  Database db(options_with({}));
  run_statement(TestServer::instance().admin_dsn(),
                "grant set on parameter temp_file_limit to loci");
  Lease mine = db.run(db.pool.acquire(soon()));
  (void)db.run(ask(mine, query("set temp_file_limit = '1MB'")));
  (void)db.run(ask(mine, query("set work_mem = '64kB'")));
  const Error error = error_of([&] {
    return db.run(
        ask(mine, query("select count(*) from (select n from generate_series(1, 500000) n "
                        "order by n desc offset 1) sorted")));
  });
  EXPECT_EQ(error.kind(), ErrorKind::server);
  EXPECT_EQ(error.sqlstate(), "53400");
  EXPECT_EQ(db.run(value<type::Int4>(mine, query("select 1"))), 1);
}

// A file system of eight megabytes, where this process may mount one.
class SmallDisk {
public:
  explicit SmallDisk(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::create_directory(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=8m,mode=0711") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

private:
  std::filesystem::path path_;
  bool mounted_ = false;
};

TEST(ServerErrors, AFullDisk) {
  const ServerFolder scratch;
  const SmallDisk disk(scratch / "small");
  if (!disk.mounted()) GTEST_SKIP() << "this process may not mount a small file system to fill";
  const std::string admin = TestServer::instance().admin_dsn();
  // A folder below, for the server alone.
  const std::filesystem::path folder = disk / "space";
  std::filesystem::create_directory(folder);
  const auto owner =
      embedded::owner_of(TestServer::instance().server().data_dir() / "postgres").value();
  embedded::give_to(folder, owner, static_cast<gid_t>(-1));
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  run_statement(admin, "create tablespace small owner loci location '" + folder.string() + "'");
  {
    Database db(options_with({}));
    db.script("create table t (bytes text) tablespace small");
    const Error error = error_of_running(
        db, "insert into t select repeat(md5(n::text), 30) from generate_series(1, 20000) n");
    EXPECT_EQ(error.kind(), ErrorKind::server);
    EXPECT_EQ(error.sqlstate(), "53100");
    EXPECT_FALSE(error.connection_lost());
    EXPECT_EQ(db.run(value<type::Int8>(db.pool, query("select count(*) from t"))), 0);
    expect_whole(db);
    EXPECT_EQ(db.pool.statistics().retired.total(), 0U);
    db.script("drop table t");
  }
  run_statement(admin, "drop tablespace small");
}

}  // namespace
}  // namespace loci::pg
