// How connections begin: settings, refusals, and connecting off the loop (fact F14).
#include <gtest/gtest.h>
#include <unistd.h>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include <loci/pg/connection_string.hpp>

#include "pg/ask.hpp"
#include "pg/background_connect.hpp"
#include "pg/connection.hpp"
#include "pg/conninfo.hpp"
#include "support/fake_backend.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::error_of;
using test::query;
using test::soon;
using test::value;
using namespace std::chrono_literals;

TEST(Connect, AServerThatIsNotThereIsAConnectErrorAtOnce) {
  Database db({.conninfo = "host=/nowhere/at/all dbname=x", .acquire_timeout = 0ms});
  const Error error =
      error_of([&] { return db.run(ask(db.pool, query("select 1"), Deadline::never())); });
  EXPECT_EQ(error.kind(), ErrorKind::connect);
  EXPECT_THAT(error.what(), testing::HasSubstr("/nowhere/at/all"));
}

TEST(Connect, ADatabaseThatIsNotThereIsAConnectError) {
  Database db({.conninfo = test::TestServer::instance().dsn("nobodys")});
  const Error error = error_of([&] { return db.run(ask(db.pool, query("select 1"))); });
  EXPECT_EQ(error.kind(), ErrorKind::connect);
  EXPECT_THAT(error.what(), testing::HasSubstr("nobodys"));
}

TEST(Connect, AUrlIsHandedOnWithoutItsPassword) {
  const ConnectionParts parts =
      split_password("postgresql://me:se%27same@host:7/my%20db?application_name=it%27s%5C");
  EXPECT_EQ(parts.password, "se'same");
  EXPECT_EQ(parts.conninfo,
            R"(user='me' dbname='my db' host='host' port='7' application_name='it\'s\\')");
  EXPECT_EQ(split_password("host=/tmp").password, "");
  const Error refused = error_of([] { return split_password("host=a sslpassword=sesame"); });
  EXPECT_EQ(refused.kind(), ErrorKind::configuration);
  EXPECT_THAT(refused.what(), testing::Not(testing::HasSubstr("sesame")));
}

TEST(Connect, AUrlThatCannotBeReadIsNotRepeated) {
  Database db({.conninfo = "postgresql://me:sesame@[broken"});
  const Error error = error_of([&] { return db.run(ask(db.pool, query("select 1"))); });
  EXPECT_EQ(error.kind(), ErrorKind::configuration);
  EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("sesame")));
}

TEST(Connect, EveryConnectionStartsWithTheSettings) {
  Database db({.settings = {{"loci.tenant_id", "a b\\c'd"}, {"work_mem", "9MB"}}});
  EXPECT_EQ(db.run(value<type::Text>(db.pool, query("select current_setting('loci.tenant_id')"))),
            "a b\\c'd");
  EXPECT_EQ(db.run(value<type::Text>(db.pool, query("show work_mem"))), "9MB");
}

TEST(Conninfo, BlocksUnlessEveryHostIsASocket) {
  const auto may_block = [](const char* text) { return Conninfo(text, {}).may_block(); };
  EXPECT_FALSE(may_block("host=/tmp"));
  EXPECT_FALSE(may_block("host=/tmp,/var/run dbname=x"));
  EXPECT_FALSE(may_block("host=@abstract"));
  EXPECT_FALSE(may_block("postgresql://%2Ftmp/x"));
  EXPECT_TRUE(may_block("host=localhost"));
  EXPECT_TRUE(may_block("host=/tmp,localhost"));
  EXPECT_TRUE(may_block("host=/tmp hostaddr=127.0.0.1"));
  EXPECT_TRUE(may_block("service=there host=/tmp"));
  EXPECT_TRUE(may_block("postgresql://db.example/x"));
}

TEST(Conninfo, AServerElsewhereMustProveWhoItIs) {
  const auto sslmode = [](const char* text) {
    return std::string(Conninfo(text, {}).value("sslmode"));
  };
  EXPECT_EQ(sslmode("host=db.example"), "verify-full");
  EXPECT_EQ(sslmode("postgresql://me@db.example/x"), "verify-full");
  EXPECT_EQ(sslmode("host=/tmp,db.example"), "verify-full");
  EXPECT_EQ(sslmode("host=localhost hostaddr=192.0.2.1"), "verify-full");
  EXPECT_EQ(sslmode("hostaddr=192.0.2.1"), "verify-full");
  EXPECT_EQ(sslmode("host=localhost,127.0.0.3,::1,/tmp,@abstract"), "");
  EXPECT_EQ(sslmode("host=db.example hostaddr=127.0.0.1"), "");
  EXPECT_EQ(sslmode("dbname=x"), "");
  EXPECT_EQ(sslmode("host=db.example sslmode=prefer"), "prefer");
  EXPECT_EQ(sslmode("postgresql://db.example/x?sslmode=require"), "require");
}

// A service file for the time of a test.
struct ServiceFile : testing::Test {
  explicit ServiceFile() {
    std::ofstream(path) << "[there]\nhost=db.example\n"
                           "[plain]\nhost=db.example\nsslmode=disable\ntcp_user_timeout=1\n"
                           "[here]\nhost=/tmp\n";
    ::setenv("PGSERVICEFILE", path.c_str(), 1);
  }
  ~ServiceFile() override {
    ::unsetenv("PGSERVICEFILE");
    std::filesystem::remove(path);
  }
  std::string path = testing::TempDir() + "loci_service_" + std::to_string(::getpid());
};

TEST_F(ServiceFile, DecidesAboutTlsLikeTheConnectionString) {
  EXPECT_EQ(Conninfo("service=there", {}).value("sslmode"), "verify-full");
  EXPECT_EQ(Conninfo("service=plain", {}).value("sslmode"), "");
  EXPECT_EQ(Conninfo("service=here", {}).value("sslmode"), "");
  const Conninfo plain("service=plain", {}, {.settings = {}, .dead_peer_timeout = 5s});
  EXPECT_EQ(plain.value("tcp_user_timeout"), "");
}

TEST(Conninfo, ADeadPeerIsNoticedInTime) {
  const ConninfoDefaults defaults{.settings = {}, .dead_peer_timeout = 5s};
  const Conninfo info("host=localhost keepalives_idle=60", {}, defaults);
  EXPECT_EQ(info.value("keepalives_idle"), "60");
  EXPECT_EQ(info.value("keepalives_interval"), "1");
  EXPECT_EQ(info.value("keepalives_count"), "3");
  EXPECT_EQ(info.value("tcp_user_timeout"), "5000");
  EXPECT_EQ(Conninfo("host=localhost", {}, defaults).value("keepalives_idle"), "2");
  EXPECT_EQ(Conninfo("host=localhost", {}).value("tcp_user_timeout"), "");
}

TEST(Connect, TheServersLimitsHoldUnlessTheUserSetsThem) {
  const auto limits = [](PoolOptions options) {
    Database db(std::move(options));
    std::string all;
    for (const char* name : {"show statement_timeout", "show lock_timeout",
                             "show idle_in_transaction_session_timeout"}) {
      all += db.run(value<type::Text>(db.pool, query(name))) + " ";
    }
    return all;
  };
  EXPECT_EQ(limits({}), "30s 10s 1min ");
  EXPECT_EQ(limits({.settings = {{"lock_timeout", "7s"}}, .statement_timeout = 0ms}), "0 7s 1min ");
  const std::string dsn = test::TestServer::instance().fresh_database();
  EXPECT_EQ(limits({.conninfo = dsn + " options='-c statement_timeout=3s'"}), "3s 10s 1min ");
}

// A stand-in for PQconnectStart that waits, as for a name server, until it is released, and then
// connects to the test server whatever it was given.
class SlowStart {
public:
  [[nodiscard]] StartConnect function() const {
    return [state = state_](const char* const*, const char* const*) {
      state->entered.set_value();
      state->released.wait();
      return PQconnectStart(test::TestServer::instance().dsn().c_str());
    };
  }
  void wait_until_entered() { state_->entered.get_future().wait(); }
  void release() { release_.set_value(); }

private:
  struct State {
    std::promise<void> entered;
    std::shared_future<void> released;
  };
  std::promise<void> release_;
  std::shared_ptr<State> state_ =
      std::make_shared<State>(std::promise<void>(), release_.get_future().share());
};

awaitable<std::unique_ptr<Connection>> open(const Runtime& runtime, StartConnect start,
                                            Deadline deadline) {
  return Connection::open(
      runtime.executor(),
      {.conninfo = "host=db.example", .settings = {}, .start = std::move(start)},
      std::make_shared<DatabaseTypes>(), deadline);
}

TEST(BackgroundConnect, TheLoopGoesOnWhileANameIsLookedUp) {
  Runtime runtime(1);
  SlowStart slow;
  test::Running<std::unique_ptr<Connection>> opening(runtime,
                                                     open(runtime, slow.function(), soon()));
  slow.wait_until_entered();
  auto other_work =
      boost::asio::post(runtime.executor(), boost::asio::use_future([] { return 7; }));
  EXPECT_EQ(other_work.get(), 7);
  slow.release();
  std::unique_ptr<Connection> connection = opening.get();
  EXPECT_TRUE(connection->clean());
  runtime.wait(Connection::end(std::move(connection)));
}

TEST(BackgroundConnect, ADeadlineDoesNotWaitForTheNameServer) {
  Runtime runtime(1);
  SlowStart slow;
  const Error error =
      error_of([&] { return runtime.wait(open(runtime, slow.function(), Deadline::after(20ms))); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  slow.release();
}

TEST(BackgroundConnect, ACancellationDoesNotWaitForTheNameServer) {
  Runtime runtime(1);
  SlowStart slow;
  test::Running<std::unique_ptr<Connection>> opening(runtime,
                                                     open(runtime, slow.function(), soon()));
  slow.wait_until_entered();
  opening.cancel();
  EXPECT_EQ(error_of([&] { return opening.get(); }).kind(), ErrorKind::cancelled);
  slow.release();
}

TEST(BackgroundConnect, AShutdownDoesNotWaitForTheNameServer) {
  SlowStart slow;
  std::future<std::unique_ptr<Connection>> opening;
  {
    Runtime runtime(1);
    opening = boost::asio::co_spawn(runtime.executor(), open(runtime, slow.function(), soon()),
                                    boost::asio::use_future);
    slow.wait_until_entered();
  }
  EXPECT_THROW((void)opening.get(), std::future_error);
  slow.release();
}

TEST(BackgroundConnect, WhatNobodyWantsAnyMoreEndsThoughItHasNoDeadline) {
  struct Told {
    std::promise<void>& promise;
    ~Told() { promise.set_value(); }
  };
  std::promise<void> came;
  std::promise<void> went;
  test::FakeBackend server([&](test::FakeBackend::Client& client) {
    const Told told{went};
    came.set_value();
    client.hold();
  });
  {
    const BackgroundConnect background(Conninfo(server.dsn(), {}), {}, Deadline::never());
    came.get_future().wait();
  }
  went.get_future().wait();
}

TEST(BackgroundConnect, AHostThatIsNotThereIsAConnectError) {
  Runtime runtime(1);
  const auto refused = [](const char* const*, const char* const*) {
    return PQconnectStart("host=127.0.0.1 port=1");
  };
  const Error error = error_of([&] { return runtime.wait(open(runtime, refused, soon())); });
  EXPECT_EQ(error.kind(), ErrorKind::connect);
}

}  // namespace
}  // namespace loci::pg
