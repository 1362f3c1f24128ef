// A deadline ends a call whatever is slow: connecting, sending, the answer, the cancel itself.
#include <loci/pg/copy_rows.hpp>
#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "pg/connection.hpp"
#include "support/pg_proxy.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::Database;
using test::error_of;
using test::eventually;
using test::Fate;
using test::Faults;
using test::PgListener;
using test::PgProxy;
using test::query;
using test::reading;
using test::soon;
using test::TestServer;
using test::Turn;
using test::value;
using namespace std::chrono_literals;

constexpr Faults k_stall{.turn = Turn{.fate = Fate::stall}};
constexpr Faults k_swallow{.turn = Turn{.fate = Fate::swallow}};

struct SlowNetwork : testing::TestWithParam<PgListener::At> {
  PgProxy proxy{TestServer::instance().fresh_database(), 1, GetParam()};
  Database db{{.conninfo = proxy.dsn(), .connect_timeout = 500ms, .cancel_patience = 100ms}};

  Error error_of_asking(Request request, Deadline deadline = Deadline::after(50ms)) {
    return error_of([&] { return db.run(ask(db.pool, std::move(request), deadline)); });
  }
  // Healthy again, the pool serves the next caller.
  void expect_whole() {
    proxy.set({});
    EXPECT_TRUE(eventually([&] { return db.pool.statistics().opening == 0; }));
    connect();
    EXPECT_EQ(db.pool.statistics().waiting, 0);
  }
  void connect() { EXPECT_EQ(db.run(value<type::Int4>(db.pool, query("select 1"))), 1); }
};

TEST_P(SlowNetwork, AConnectThatIsNeverAnsweredEnds) {
  proxy.set({.to_server = k_swallow});
  const Error error = error_of([&] {
    return db.run(Connection::open(db.runtime.executor(), {.conninfo = proxy.dsn(), .settings = {}},
                                   std::make_shared<DatabaseTypes>(), Deadline::after(50ms)));
  });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_EQ(error_of_asking(query("select 1"), soon()).kind(), ErrorKind::connect);
  EXPECT_EQ(error_of_asking(query("select 1"), Deadline::after(5ms)).kind(),
            ErrorKind::pool_timeout);
  expect_whole();
}

TEST_P(SlowNetwork, AConnectThatIsAnsweredByHalfEnds) {
  proxy.set({.to_client = {.turn = Turn{.fate = Fate::stall, .bytes = 20}}});
  EXPECT_EQ(error_of_asking(query("select 1"), soon()).kind(), ErrorKind::connect);
  expect_whole();
}

TEST_P(SlowNetwork, FiftyMegabytesThatNobodyReadsEnd) {
  connect();
  proxy.set_present({.to_server = k_stall});
  Request large = query<type::Bytea>("select length($1::bytea)", std::string(50'000'000, 'x'));
  // Made before, and time enough for the first of it to be sent.
  const Error error = error_of_asking(std::move(large), Deadline::after(1s));
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_TRUE(error.outcome_unknown());
  expect_whole();
}

TEST_P(SlowNetwork, RowsOfACopyThatNobodyReadsEnd) {
  db.script("create table t (bytes bytea)");
  proxy.set_present({.to_server = {.turn = Turn{.fate = Fate::stall, .bytes = 2'000'000}}});
  const auto copy = [&] {
    Lease mine = db.run(db.pool.acquire(soon()));
    CopyRows rows;
    const auto endless = [&](std::string& chunk) {
      rows.begin_row(1);
      rows.field<type::Bytea>(std::string(1'000'000, 'x'));
      chunk = rows.take();
      return true;
    };
    return db.run(
        mine.copy_in("copy t from stdin (format binary)", endless, Deadline::after(50ms)));
  };
  EXPECT_EQ(error_of(copy).kind(), ErrorKind::timeout);
  expect_whole();
  EXPECT_EQ(db.run(value<type::Int8>(db.pool, query("select count(*) from t"))), 0);
}

TEST_P(SlowNetwork, AnAnswerThatNeverComesEnds) {
  connect();
  proxy.set_present({.to_client = k_swallow});
  const Error error = error_of_asking(reading("select 1"));
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_FALSE(error.outcome_unknown());
  expect_whole();
}

TEST_P(SlowNetwork, AnAnswerThatTricklesEnds) {
  connect();
  proxy.set_present({.to_client = {.bytes_per_second = 1'000}});
  EXPECT_EQ(error_of_asking(query("select repeat('x', 50000000)")).kind(), ErrorKind::timeout);
  expect_whole();
}

TEST_P(SlowNetwork, AStatementWhoseCancelGetsNowhereEnds) {
  connect();
  proxy.plan([](std::uint64_t) { return PgProxy::Plan{.to_server = k_swallow}; });
  EXPECT_EQ(error_of_asking(query("select pg_sleep(600)")).kind(), ErrorKind::timeout);
  expect_whole();
}

TEST_P(SlowNetwork, ACommitThatIsNotAnsweredIsUnknown) {
  db.script("create table t (id int)");
  Transaction mine = db.run(Transaction::begin(db.pool, {}, soon()));
  (void)db.run(ask(mine, query("insert into t values (1)")));
  proxy.set_present({.to_client = {.turn = Turn{.fate = Fate::swallow, .message = 'C', .nth = 1}}});
  const Error error = error_of([&] {
    db.run(mine.commit(Deadline::after(50ms)));
    return true;
  });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_TRUE(error.outcome_unknown());
  expect_whole();
  EXPECT_EQ(db.run(value<type::Int8>(db.pool, query("select count(*) from t"))), 1);
}

INSTANTIATE_TEST_SUITE_P(Both, SlowNetwork,
                         testing::Values(PgListener::At::unix_socket, PgListener::At::tcp),
                         [](const auto& test) {
                           return std::string(test.param == PgListener::At::tcp ? "Tcp" : "Unix");
                         });

}  // namespace
}  // namespace loci::pg
