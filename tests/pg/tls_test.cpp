// TLS against a real server with a certificate of our own making, and against one that stalls.
#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "pg/connection.hpp"
#include "pg/tls_server.hpp"
#include "support/fake_backend.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::backend_pid;
using test::Database;
using test::error_of;
using test::FakeBackend;
using test::PgListener;
using test::query;
using test::reading;
using test::soon;
using test::TlsServer;
using test::value;
using namespace std::chrono_literals;

struct Tls : testing::Test {
  static void SetUpTestSuite() {
    if (TlsServer::openssl()) server.emplace();
  }
  static void TearDownTestSuite() { server.reset(); }
  void SetUp() override {
    if (!server) GTEST_SKIP() << "openssl, the program, is not installed";
  }
  static Error refusal(const std::string& dsn) {
    Database db({.conninfo = dsn});
    return error_of([&] { return db.run(ask(db.pool, query("select 1"))); });
  }
  static inline std::optional<TlsServer> server;
};

constexpr std::string_view k_encrypted =
    "select ssl from pg_catalog.pg_stat_ssl where pid = pg_backend_pid()";

TEST_F(Tls, AServerThatProvesWhoItIsIsReached) {
  Database db({.conninfo = server->dsn("db.example") + " sslmode=verify-full"});
  EXPECT_TRUE(db.run(value<type::Bool>(db.pool, query(k_encrypted))));
}

TEST_F(Tls, AnotherNameIsRefused) {
  const Error error = refusal(server->dsn("other.example") + " sslmode=verify-full");
  EXPECT_EQ(error.kind(), ErrorKind::connect);
  EXPECT_THAT(error.what(), testing::HasSubstr("does not match host name \"other.example\""));
}

TEST_F(Tls, AnotherAuthorityIsRefused) {
  const Error error = refusal(server->dsn("db.example", "other") + " sslmode=verify-full");
  EXPECT_EQ(error.kind(), ErrorKind::connect);
  EXPECT_THAT(error.what(), testing::HasSubstr("certificate verify failed"));
}

TEST_F(Tls, ADeadlineCancelsAStatementAndKeepsTheConnection) {
  Database db(
      {.conninfo = server->dsn("db.example") + " sslmode=verify-full", .max_connections = 1});
  const std::int32_t pid = db.run(backend_pid(db.pool));
  const Error error = error_of(
      [&] { return db.run(ask(db.pool, query("select pg_sleep(600)"), Deadline::after(50ms))); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_EQ(db.run(backend_pid(db.pool)), pid);
}

// A record of TLS holds 16 KB: what libpq has decrypted is not seen by a poll of the socket.
TEST_F(Tls, LargeAnswersAndParametersArriveWhole) {
  Database db({.conninfo = server->dsn("db.example") + " sslmode=verify-full"});
  const std::string large(5'000'000, 'x');
  EXPECT_TRUE(large ==
              db.run(value<type::Text>(db.pool, query<type::Text>("select $1::text", large))));
  EXPECT_TRUE(large == db.run(value<type::Text>(db.pool, reading("select repeat('x', 5000000)"))));
}

// The server answers a request for TLS with this, and nothing after it.
class TlsStall : public testing::TestWithParam<const char*> {};

TEST_P(TlsStall, TheDeadlineHolds) {
  FakeBackend server(
      [](FakeBackend::Client& client) {
        client.send(GetParam());
        client.hold();
      },
      PgListener::At::tcp);
  const std::string dsn = server.dsn() + " sslmode=require";
  Runtime runtime(1);
  const Error late = error_of([&] {
    return runtime.wait(Connection::open(runtime.executor(), {.conninfo = dsn, .settings = {}},
                                         std::make_shared<DatabaseTypes>(), Deadline::after(50ms)));
  });
  EXPECT_EQ(late.kind(), ErrorKind::timeout);
  Database db({.conninfo = dsn, .connect_timeout = 50ms});
  EXPECT_EQ(error_of([&] { return db.run(ask(db.pool, query("select 1"))); }).kind(),
            ErrorKind::connect);
}

INSTANTIATE_TEST_SUITE_P(Tls, TlsStall, testing::Values("", "S"), [](const auto& test) {
  return std::string(*test.param == '\0' ? "Silent" : "InTheHandshake");
});

}  // namespace
}  // namespace loci::pg
