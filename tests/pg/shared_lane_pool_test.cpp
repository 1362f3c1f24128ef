// The lane of short reads and its pool: who waits for a connection, and who gets it back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <atomic>
#include <memory>

#include "pg/ask.hpp"
#include "support/fake_backend.hpp"
#include "support/pg_listener.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::error_of;
using test::eventually;
using test::FakeBackend;
using test::PgListener;
using test::query;
using test::reading;
using test::Running;
using test::soon;
using test::TestServer;
using test::value;
using namespace std::chrono_literals;

awaitable<std::int32_t> read_seven(Pool& pool) {
  return value<type::Int4>(pool, reading("select 7"), Deadline::never());
}

// Readers of a pool whose server accepts connections and says nothing.
TEST(SharedLaneQueue, ThoseWhoWaitForItsFirstConnectionAreCountedAndTheRestRefused) {
  const PgListener silent(PgListener::At::unix_socket);
  Database db({.conninfo = silent.address() + " dbname=x user=x", .max_waiters = 3}, 2);
  std::vector<std::unique_ptr<Running<std::int32_t>>> readers;
  for (int i = 1; i <= 3; ++i) {
    readers.push_back(std::make_unique<Running<std::int32_t>>(db.runtime, read_seven(db.pool)));
    ASSERT_TRUE(eventually([&] { return db.pool.statistics().waiting == i; }));
  }
  for (const bool shared : {true, false}) {
    const Error error = error_of(
        [&] { return db.run(ask(db.pool, shared ? reading("select 7") : query("select 7"))); });
    EXPECT_EQ(error.kind(), ErrorKind::pool_timeout);
    EXPECT_THAT(error.what(), testing::HasSubstr("refused at once"));
  }
  EXPECT_EQ(db.pool.statistics().refused, 2U);
  readers[0]->cancel();
  EXPECT_EQ(error_of([&] { return readers[0]->get(); }).kind(), ErrorKind::cancelled);
  EXPECT_EQ(db.pool.statistics().waiting, 2);
  db.pool.close();
  for (const int i : {1, 2}) {
    auto& reader = *readers[static_cast<std::size_t>(i)];
    EXPECT_EQ(error_of([&] { return reader.get(); }).kind(), ErrorKind::closed);
  }
}

TEST(SharedLaneQueue, WhoWaitedInVainIsToldWhyNoConnectionCame) {
  FakeBackend server([](FakeBackend::Client& client) {
    if (client.number() > 1) return;
    client.start_up();
    client.read_until('S');
    client.send(test::message::one_value(7));
    client.hold();
  });
  Database db({.conninfo = server.dsn(), .acquire_timeout = 2s}, 2);
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, query("select 7"))), 7);
  db.pool.reset();
  const Error error = error_of([&] { return db.run(read_seven(db.pool)); });
  EXPECT_EQ(error.kind(), ErrorKind::pool_timeout);
  EXPECT_THAT(error.what(), testing::StartsWith("TestQuery: "));
  EXPECT_THAT(error.what(), testing::HasSubstr("last connect error"));
  EXPECT_GE(db.pool.statistics().timed_out, 1U);
}

// The epoch ends while the connection is on its way from the pool to the lane.
TEST(SharedLaneEpoch, AConnectionOfAnEpochThatIsOverDoesNotStay) {
  Database* self = nullptr;
  std::atomic<bool> reset_now = false;
  PoolOptions options;
  options.hooks.before_hand_out = [&](const ConnectionFacts&) {
    if (reset_now.exchange(false)) self->pool.reset();
    return true;
  };
  Database db(std::move(options), 2);
  self = &db;
  const auto pid = [&](Request request) {
    return db.run(value<type::Int4>(db.pool, std::move(request)));
  };
  const std::int32_t old = pid(query("select pg_backend_pid()"));
  reset_now = true;
  (void)pid(reading("select pg_backend_pid()"));
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().retired.reset == 1; }));
  EXPECT_NE(pid(reading("select pg_backend_pid()")), old);
}

// The server lets the pool have fewer connections than the pool thinks.
struct SharedLaneOfAStrictServer : testing::Test {
  SharedLaneOfAStrictServer() {
    Database admin({.conninfo = TestServer::instance().admin_dsn()});
    admin.script("alter database " + name + " connection limit 1");
  }
  const std::string name = TestServer::instance().fresh_database_name();
  Database db{{.conninfo = TestServer::instance().dsn(name), .acquire_timeout = 30s}, 2};
};

TEST_F(SharedLaneOfAStrictServer, GivesItsIdleConnectionToAWriter) {
  EXPECT_EQ(db.run(read_seven(db.pool)), 7);
  ASSERT_EQ(db.pool.statistics().shared, 1);
  (void)db.run(ask(db.pool, query("create table t (id int)")));
  EXPECT_EQ(db.pool.statistics().opened, 1U);
}

TEST_F(SharedLaneOfAStrictServer, GivesABusyOneToAWriterWhenThereIsNoOther) {
  std::atomic<bool> enough = false;
  const auto keep_reading = [&]() -> awaitable<bool> {
    while (!enough) (void)co_await read_seven(db.pool);
    co_return true;
  };
  std::vector<std::unique_ptr<Running<bool>>> readers;
  for (int i = 0; i < 8; ++i) {
    readers.push_back(std::make_unique<Running<bool>>(db.runtime, keep_reading()));
  }
  ASSERT_TRUE(eventually([&] { return db.pool.statistics().shared == 1; }));
  (void)db.run(ask(db.pool, query("create table t (id int)")));
  enough = true;
  for (auto& reader : readers) EXPECT_TRUE(reader->get());
}

}  // namespace
}  // namespace loci::pg
