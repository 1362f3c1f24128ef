// Connection strings that name several servers: which one is reached, and what a pool does when
// that one goes or turns read-only.
#include <gtest/gtest.h>
#include <signal.h>

#include "pg/ask.hpp"
#include "pg/connection.hpp"
#include "pg/embedded_fixture.hpp"
#include "support/fake_backend.hpp"
#include "support/pg_listener.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::Database;
using test::error_of;
using test::eventually;
using test::FakeBackend;
using test::PgListener;
using test::query;
using test::soon;
using test::TestServer;
using namespace std::chrono_literals;

// The folder of a server's socket.
std::string host_of(const std::string& dsn) {
  return std::string(Conninfo(dsn, {}).value("host"));
}

std::string any_of(const std::vector<std::string>& hosts, const std::string& more = "") {
  std::string list;
  for (const std::string& host : hosts) list += (list.empty() ? "" : ",") + host;
  return "host=" + list + " port=5432 dbname=loci user=loci " + more;
}

std::string reached(Database& db) {
  Lease lease = db.run(db.pool.acquire(soon()));
  return PQhost(lease.connection().raw());
}

// The live server behind hosts that are none.
struct MultiHost : testing::Test {
  std::string live = host_of(TestServer::instance().dsn());
  PgListener silent{PgListener::At::unix_socket};  // the kernel accepts for it; it says nothing
};

TEST_F(MultiHost, AServerThatIsNotThereIsPassedOver) {
  Database db({.conninfo = any_of({"/nowhere/at/all", live})});
  EXPECT_EQ(reached(db), live);
}

TEST_F(MultiHost, AServerThatRefusesIsPassedOver) {
  Database db({.conninfo = "host=127.0.0.1," + live +
                           " port=1,5432 dbname=loci user=loci gssencmode=disable"});
  EXPECT_EQ(reached(db), live);
}

TEST_F(MultiHost, AServerThatIsStartingUpIsPassedOver) {
  FakeBackend starting([](FakeBackend::Client& client) {
    client.send(test::message::error("FATAL", "57P03", "the database system is starting up"));
  });
  Database db({.conninfo = any_of({host_of(starting.dsn()), live})});
  EXPECT_EQ(reached(db), live);
  EXPECT_EQ(starting.accepted(), 1);
}

TEST_F(MultiHost, AServerThatDropsTheConnectionIsPassedOver) {
  FakeBackend dropping([](FakeBackend::Client&) {});
  Database db({.conninfo = any_of({host_of(dropping.dsn()), live})});
  EXPECT_EQ(reached(db), live);
  EXPECT_GE(dropping.accepted(), 1);
}

TEST_F(MultiHost, AServerThatSaysNothingTakesItsShareOfTheTimeOnly) {
  Database db({.conninfo = any_of({host_of(silent.address()), live}), .connect_timeout = 2s});
  EXPECT_EQ(reached(db), live);
}

TEST_F(MultiHost, SilentServersInARowLeaveTimeForTheLast) {
  const PgListener other(PgListener::At::unix_socket);
  Database db({.conninfo = any_of(
                   {host_of(silent.address()), "/nowhere/at/all", host_of(other.address()), live}),
               .connect_timeout = 2s});
  EXPECT_EQ(reached(db), live);
}

TEST_F(MultiHost, WhenAllAreSilentTheConnectEndsInTime) {
  const PgListener other(PgListener::At::tcp);
  // Its own address() says host=127.0.0.1.
  const std::string port(Conninfo(other.address(), {}).value("port"));
  Database db({.conninfo = "host=" + host_of(silent.address()) + ",127.0.0.1 port=5432," + port +
                           " dbname=loci user=loci",
               .connect_timeout = 200ms});
  const Error error = error_of([&] { return db.run(ask(db.pool, query("select 1"))); });
  EXPECT_EQ(error.kind(), ErrorKind::connect);
}

TEST(Conninfo, AServerIsStruckFromItsLists) {
  Conninfo info("host=a,b,c hostaddr=127.0.0.1,,127.0.0.3 port=1,2,3", {});
  const PgConnPtr first(PQconnectStart("host=a hostaddr=127.0.0.1 port=1"));
  EXPECT_EQ(info.servers(), 3U);
  EXPECT_TRUE(info.strike(first.get()));
  EXPECT_FALSE(info.strike(first.get()));
  EXPECT_EQ(info.value("host"), "b,c");
  EXPECT_EQ(info.value("hostaddr"), ",127.0.0.3");
  EXPECT_EQ(info.value("port"), "2,3");
  Conninfo left("host=a,a hostaddr=127.0.0.1,127.0.0.2 port=1", {});
  const PgConnPtr twin(PQconnectStart("host=a hostaddr=127.0.0.2 port=1"));
  EXPECT_TRUE(left.strike(twin.get()));
  EXPECT_EQ(left.value("hostaddr"), "127.0.0.1");
  const PgConnPtr third(PQconnectStart("host=c hostaddr=127.0.0.3 port=3"));
  EXPECT_TRUE(info.strike(third.get()));
  EXPECT_EQ(info.value("host"), "b");
  EXPECT_EQ(info.value("hostaddr"), "");
  EXPECT_EQ(info.servers(), 1U);
}

// Two servers of one's own, either of which may end.
struct TwoServers : testing::Test {
  void set_read_only(EmbeddedServer& server, bool on) {
    Database admin({.conninfo = server.admin_dsn()});
    admin.script(std::string("alter database loci set default_transaction_read_only = ") +
                 (on ? "on" : "off"));
  }
  void fill(Database& db) {
    const Lease one = db.run(db.pool.acquire(soon()));
    const Lease other = db.run(db.pool.acquire(soon()));
  }
  std::string conninfo() const {
    return any_of({host_of(first->dsn()), host_of(second->dsn())},
                  "target_session_attrs=read-write");
  }
  std::optional<EmbeddedServer> first = EmbeddedServer::open({.throwaway = true});
  std::optional<EmbeddedServer> second = EmbeddedServer::open({.throwaway = true});
};

TEST_F(TwoServers, TheOneThatMayBeWrittenToIsReached) {
  set_read_only(*first, true);
  Database db({.conninfo = conninfo()});
  EXPECT_EQ(reached(db), host_of(second->dsn()));
}

TEST_F(TwoServers, WhenTheOneTurnsReadOnlyThePoolGoesToTheOther) {
  Database db({.conninfo = conninfo(), .max_connections = 3});
  fill(db);
  EXPECT_EQ(reached(db), host_of(first->dsn()));
  {
    Database admin({.conninfo = first->admin_dsn()});
    admin.script("alter system set default_transaction_read_only = on");
    admin.script("select pg_reload_conf()");
  }
  const auto write = [&] {
    return db.run(ask(db.pool, query("create table if not exists t (id int)")));
  };
  // The server takes note of its new configuration in its own time, each process by itself.
  EXPECT_TRUE(eventually([&] {
    try {
      (void)write();
      return reached(db) == host_of(second->dsn());
    } catch (const Error& error) {
      EXPECT_EQ(error.sqlstate(), "25006") << error.what();
      return false;
    }
  }));
  EXPECT_GE(db.pool.statistics().retired.failover, 1U);
  (void)write();
}

TEST_F(TwoServers, WhenTheOneIsStoppedThePoolGoesToTheOther) {
  Database db({.conninfo = conninfo(), .max_connections = 3});
  fill(db);
  EXPECT_EQ(reached(db), host_of(first->dsn()));
  first.reset();
  EXPECT_EQ(reached(db), host_of(second->dsn()));
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().retired.total() == 2; }));
  (void)db.run(ask(db.pool, query("create table t (id int)")));
}

TEST_F(TwoServers, WhenTheOneIsKilledThePoolGoesToTheOther) {
  Database db({.conninfo = conninfo(), .max_connections = 3});
  fill(db);
  Lease held = db.run(db.pool.acquire(soon()));
  EXPECT_EQ(PQhost(held.connection().raw()), host_of(first->dsn()));
  ::kill(server_pid(first->data_dir()), SIGKILL);
  // Its processes see by themselves that it is gone.
  EXPECT_TRUE(error_of([&] {
                for (;;) (void)db.run(ask(held, query("select pg_sleep(0.01)")));
                return 0;
              }).connection_lost());
  {
    const Lease gone = std::move(held);
  }
  EXPECT_EQ(reached(db), host_of(second->dsn()));
  (void)db.run(ask(db.pool, query("create table t (id int)")));
}

}  // namespace
}  // namespace loci::pg
