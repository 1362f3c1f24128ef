// Deadlines, cancellations and losses: how a statement ends early, and what becomes of its
// connection.
#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "pg/connection.hpp"
#include "support/fake_backend.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::backend_pid;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::Running;
using test::soon;
using test::value;
using namespace std::chrono_literals;

struct ConnectionEnd : testing::Test {
  Lease lease() { return db.run(db.pool.acquire(soon())); }

  // What the server's process `pid` does, or nothing when it is gone.
  std::string state_of(std::int32_t pid) {
    return db.run(value<type::Text>(
        db.pool, query<type::Int4>("select coalesce(min(coalesce(wait_event, state)), 'gone') from "
                                   "pg_stat_activity where pid = $1",
                                   pid)));
  }
  void terminate(std::int32_t pid) {
    (void)db.run(ask(db.pool, query<type::Int4>("select pg_terminate_backend($1)", pid)));
    EXPECT_TRUE(eventually([&] { return state_of(pid) == "gone"; }));
  }
  static Deadline shortly() { return Deadline::after(50ms); }

  Database db;
};

TEST_F(ConnectionEnd, AtTheDeadlineAStatementIsCancelledAndItsConnectionUsedAgain) {
  Lease mine = lease();
  const std::int32_t pid = db.run(backend_pid(mine));
  const Error error =
      error_of([&] { return db.run(ask(mine, query("select pg_sleep(600)"), shortly())); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_THAT(error.what(), testing::HasSubstr("TestQuery"));
  EXPECT_EQ(db.run(backend_pid(mine)), pid);
}

TEST_F(ConnectionEnd, ALateCancelNeverHitsTheNextStatement) {
  Lease mine = lease();
  for (int i = 0; i < 50; ++i) {
    // Ends at about the time of its deadline, before or after the cancel.
    std::vector<Request> requests;
    requests.push_back(query("select pg_sleep(0.02)"));
    (void)db.run(mine.execute(std::move(requests), Deadline::after(20ms)));
    EXPECT_EQ(db.run(value<type::Int4>(mine, query<type::Int4>("select $1::int", i))), i);
  }
}

TEST_F(ConnectionEnd, ADeadlineInABatchSparesWhatHadRun) {
  db.script("create table t (id int)");
  std::vector<Request> requests;
  requests.push_back(query("insert into t values (1)"));
  requests.push_back(query("select pg_sleep(600)"));
  requests.push_back(query("select pg_sleep(601)"));
  const auto results = db.run(db.pool.execute(std::move(requests), shortly()));
  EXPECT_FALSE(results[0].failed());
  EXPECT_EQ(results[1].error()->kind(), ErrorKind::timeout);
  EXPECT_EQ(results[2].error()->kind(), ErrorKind::timeout);
  EXPECT_EQ(db.run(value<type::Int8>(db.pool, query("select count(*) from t"))), 1);
}

TEST_F(ConnectionEnd, AtTheDeadlineACommitAtTheEndOfAStatementIsCancelledWithIt) {
  db.script(
      "create table t (id int);"
      "create function wait() returns trigger language plpgsql as "
      "$$ begin perform pg_sleep(600); return null; end $$;"
      "create constraint trigger wait after insert on t deferrable initially deferred "
      "for each row execute function wait()");
  Lease mine = lease();
  const Error error =
      error_of([&] { return db.run(ask(mine, query("insert into t values (1)"), shortly())); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_EQ(db.run(value<type::Int8>(mine, query("select count(*) from t"))), 0);
}

TEST_F(ConnectionEnd, APassedDeadlineSendsNothing) {
  db.script("create table t (id int)");
  Lease mine = lease();
  const Error error = error_of(
      [&] { return db.run(ask(mine, query("insert into t values (1)"), Deadline::after(-1s))); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_EQ(db.run(value<type::Int8>(mine, query("select count(*) from t"))), 0);
}

TEST_F(ConnectionEnd, AScriptIsCancelledAtTheDeadlineToo) {
  Lease mine = lease();
  const std::int32_t pid = db.run(backend_pid(mine));
  const Error error = error_of([&]() -> bool {
    db.run(mine.script("select pg_sleep(600)", "nap", shortly()));
    return true;
  });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_EQ(db.run(backend_pid(mine)), pid);
}

TEST_F(ConnectionEnd, WhenTheCallerIsCancelledSoIsItsStatementAndTheConnectionIsUsedAgain) {
  Lease mine = lease();
  const std::int32_t pid = db.run(backend_pid(mine));
  Running<Result> running(db.runtime, ask(mine, query("select pg_sleep(600)")));
  ASSERT_TRUE(eventually([&] { return state_of(pid) == "PgSleep"; }));
  running.cancel();
  const Error error = error_of([&] { return running.get(); });
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_THAT(error.what(), testing::HasSubstr("TestQuery"));
  EXPECT_EQ(db.run(backend_pid(mine)), pid);
}

TEST_F(ConnectionEnd, ACancellationInABatchSparesWhatHadRun) {
  db.script("create table t (id int)");
  Lease mine = lease();
  std::vector<Request> requests;
  requests.push_back(query("insert into t values (1)"));
  requests.push_back(query("select pg_sleep(600)"));
  Running<std::vector<Result>> running(db.runtime, mine.execute(std::move(requests), soon()));
  ASSERT_TRUE(eventually([&] { return state_of(mine.connection().server_pid()) == "PgSleep"; }));
  running.cancel();
  const auto results = running.get();
  EXPECT_FALSE(results[0].failed());
  EXPECT_EQ(results[1].error()->kind(), ErrorKind::cancelled);
  EXPECT_EQ(db.run(value<type::Int8>(mine, query("select count(*) from t"))), 1);
}

TEST_F(ConnectionEnd, AScriptIsCancelledWithItsCallerToo) {
  Lease mine = lease();
  const std::int32_t pid = db.run(backend_pid(mine));
  const auto nap = [&]() -> test::awaitable<bool> {
    co_await mine.script("select pg_sleep(600)", "nap", soon());
    co_return true;
  };
  Running<bool> running(db.runtime, nap());
  ASSERT_TRUE(eventually([&] { return state_of(pid) == "PgSleep"; }));
  running.cancel();
  const Error error = error_of([&] { return running.get(); });
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_EQ(db.run(backend_pid(mine)), pid);
}

TEST_F(ConnectionEnd, WhoIsCancelledAlreadyMayCleanUp) {
  namespace asio = boost::asio;
  Lease mine = lease();
  const std::int32_t pid = db.run(backend_pid(mine));
  const auto clean_up = [&]() -> test::awaitable<std::int32_t> {
    co_await asio::this_coro::throw_if_cancelled(false);
    (void)co_await mine.execute_one(query("select pg_sleep(600)"), soon());
    co_return co_await backend_pid(mine);
  };
  Running<std::int32_t> running(db.runtime, clean_up());
  ASSERT_TRUE(eventually([&] { return state_of(pid) == "PgSleep"; }));
  running.cancel();
  EXPECT_EQ(running.get(), pid);
}

// The statement ends by itself while the cancel is under way.
TEST(ConnectionEndRace, AWriteThatWasDoneBeforeTheCancelGivesItsResult) {
  namespace message = test::message;
  std::atomic<bool> asked = false;
  std::atomic<bool> cancelled = false;
  test::FakeBackend server([&](test::FakeBackend::Client& client) {
    client.start_up();
    client.read_until('S');
    asked = true;
    (void)eventually([&] { return cancelled.load(); });
    client.send(message::one_value(7));
    client.hold();
  });
  Database db({.conninfo = server.dsn()});
  Running<std::int32_t> running(db.runtime, value<type::Int4>(db.pool, query("insert")));
  ASSERT_TRUE(eventually([&] { return asked.load(); }));
  running.cancel();
  ASSERT_TRUE(eventually([&] { return server.cancels() > 0; }));
  cancelled = true;
  EXPECT_EQ(running.get(), 7);
  EXPECT_EQ(db.pool.statistics().retired.total(), 0U);
}

TEST(ConnectionEndRace, AServerThatAnswersNoCancelIsGivenUpAndTheWriteIsUnknown) {
  std::atomic<bool> asked = false;
  test::FakeBackend server([&](test::FakeBackend::Client& client) {
    client.start_up();
    client.read_until('S');
    asked = true;
    client.hold();
  });
  Database db({.conninfo = server.dsn(), .cancel_patience = 50ms});
  Running<Result> running(db.runtime, ask(db.pool, query("insert")));
  ASSERT_TRUE(eventually([&] { return asked.load(); }));
  running.cancel();
  const Error error = error_of([&] { return running.get(); });
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_TRUE(error.outcome_unknown());
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().open == 0; }));
}

TEST_F(ConnectionEnd, AServerThatEndsTheConnectionInMidStatementIsALossOfUnknownOutcome) {
  Lease mine = lease();
  const std::int32_t pid = mine.connection().server_pid();
  Running<Result> running(db.runtime, ask(mine, query("select pg_sleep(600)")));
  ASSERT_TRUE(eventually([&] { return state_of(pid) == "PgSleep"; }));
  terminate(pid);
  const Error error = error_of([&] { return running.get(); });
  EXPECT_EQ(error.kind(), ErrorKind::connection_lost);
  EXPECT_TRUE(error.connection_lost());
  EXPECT_TRUE(error.outcome_unknown());
}

TEST_F(ConnectionEnd, ALossBeforeAnythingIsSentIsNoUnknownOutcome) {
  Lease mine = lease();
  Running<Result> running(db.runtime, ask(mine, query("select pg_sleep(600)")));
  const std::int32_t pid = mine.connection().server_pid();
  ASSERT_TRUE(eventually([&] { return state_of(pid) == "PgSleep"; }));
  terminate(pid);
  (void)error_of([&] { return running.get(); });
  const Error error = error_of([&] { return db.run(ask(mine, query("select 1"))); });
  EXPECT_EQ(error.kind(), ErrorKind::connection_lost);
  EXPECT_FALSE(error.outcome_unknown());
}

TEST_F(ConnectionEnd, AConnectionThatHeardSomethingWhileIdleIsNoLoss) {
  std::int32_t pid = 0;
  {
    Lease listening = lease();
    pid = listening.connection().server_pid();
    (void)db.run(ask(listening, query("listen gossip")));
  }
  Database other({.conninfo = db.dsn});
  (void)other.run(ask(other.pool, query("notify gossip")));
  // It has arrived when the notifier's next statement in the same database has run.
  EXPECT_TRUE(eventually([&] {
    return other.run(value<type::Text>(
               other.pool, query<type::Int4>("select state from pg_stat_activity where pid = $1",
                                             pid))) == "idle";
  }));
  EXPECT_EQ(lease().connection().server_pid(), pid);
  EXPECT_EQ(db.pool.statistics().retired.total(), 0U);
}

TEST_F(ConnectionEnd, ThePoolRecoversWhenTheServerEndedEveryConnection) {
  std::vector<std::int32_t> pids;
  {
    std::vector<Lease> leases;
    for (int i = 0; i < 3; ++i) leases.push_back(lease());
    for (Lease& each : leases) pids.push_back(each.connection().server_pid());
  }
  // The terminating session must not be one of them.
  Database other;
  for (const std::int32_t pid : pids) {
    (void)other.run(
        ask(other.pool, query<type::Int4>("select pg_terminate_backend($1, 10000)", pid)));
  }
  EXPECT_EQ(db.run(value<type::Int4>(db.pool, query("select 1"))), 1);
  EXPECT_EQ(db.pool.statistics().retired.total(), 3U);
}

}  // namespace
}  // namespace loci::pg
