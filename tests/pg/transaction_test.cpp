#include <loci/base/log.hpp>
#include <loci/pg/transaction.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "pg/connection.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::Running;
using test::soon;
using test::value;
using namespace std::chrono_literals;

struct Transactions : testing::Test {
  Transactions() { db.script("create table t (id int primary key)"); }

  Transaction begin(TransactionOptions options = {}) {
    return db.run(Transaction::begin(db.pool, options, soon()));
  }
  void insert(Session& session, std::int32_t id) {
    (void)db.run(ask(session, query<type::Int4>("insert into t values ($1)", id)));
  }
  std::int64_t rows() {
    return db.run(value<type::Int8>(db.pool, query("select count(*) from t")));
  }
  std::string state_of(std::int32_t pid, const char* column) {
    const std::string sql = std::string("select coalesce(") + column +
                            "::text, '') from pg_stat_activity where pid = $1";
    return db.run(value<type::Text>(db.pool, query<type::Int4>(sql, pid)));
  }

  // From now on COMMIT of an insert waits until `key`, an advisory lock, is free.
  void make_commit_wait() {
    db.script(
        "create function wait_at_commit() returns trigger language plpgsql as "
        "$$ begin perform pg_advisory_xact_lock(7); return null; end $$;"
        "create constraint trigger wait after insert on t deferrable initially deferred "
        "for each row execute function wait_at_commit()");
  }
  static awaitable<bool> commit(Transaction& transaction, Deadline deadline) {
    co_await transaction.commit(deadline);
    co_return true;
  }

  Database db;
};

TEST_F(Transactions, TheDebugLogTellsEachOnesIdAndOutcome) {
  log::set_level(log::Level::debug);
  testing::internal::CaptureStderr();
  std::vector<std::string> expected;
  for (const bool kept : {true, false}) {
    Transaction mine = begin();
    insert(mine, kept ? 1 : 2);
    db.run(kept ? mine.commit(soon()) : mine.rollback(soon()));
    expected.push_back("transaction id=" + std::to_string(mine.id()) +
                       " outcome=" + (kept ? "committed" : "rolled back") + " duration_us=");
  }
  const std::string log = testing::internal::GetCapturedStderr();
  log::set_level(log::Level::warn);
  for (const std::string& line : expected) EXPECT_THAT(log, testing::HasSubstr(line));
}

TEST_F(Transactions, CommitKeepsAndRollbackDrops) {
  Transaction kept = begin();
  insert(kept, 1);
  EXPECT_EQ(rows(), 0);
  db.run(kept.commit(soon()));
  EXPECT_EQ(rows(), 1);

  Transaction dropped = begin();
  insert(dropped, 2);
  db.run(dropped.rollback(soon()));
  EXPECT_EQ(rows(), 1);
}

TEST_F(Transactions, TheOptionsReachTheServer) {
  const auto set = [&](TransactionOptions options) {
    Transaction mine = begin(options);
    return db.run(value<type::Text>(mine, query("show transaction_isolation"))) + " " +
           db.run(value<type::Text>(mine, query("show transaction_read_only")));
  };
  EXPECT_EQ(set({}), "read committed off");
  EXPECT_EQ(set({.isolation = Isolation::repeatable_read}), "repeatable read off");
  EXPECT_EQ(set({.isolation = Isolation::serializable, .read_only = true}), "serializable on");
}

TEST_F(Transactions, AReadOnlyTransactionRefusesToWrite) {
  Transaction mine = begin({.read_only = true});
  EXPECT_EQ(error_of([&]() -> bool { return insert(mine, 1), true; }).sqlstate(), "25006");
}

TEST_F(Transactions, BeginIsSentWithTheFirstStatementAndNotBefore) {
  Transaction mine = begin();
  const std::int32_t pid = mine.lease().connection().server_pid();
  EXPECT_EQ(state_of(pid, "state"), "idle");
  insert(mine, 1);
  EXPECT_EQ(state_of(pid, "state"), "idle in transaction");
}

TEST_F(Transactions, OneThatNeverSentAnythingCommitsToNothing) {
  Transaction mine = begin();
  db.run(mine.commit(soon()));
  EXPECT_TRUE(mine.lease().connection().clean());
}

TEST_F(Transactions, AStatementThatWasNeverSentDoesNotLeaveTheNextOneOutside) {
  Transaction mine = begin();
  const Error error = error_of(
      [&] { return db.run(ask(mine, query("insert into t values (1)"), Deadline::after(-1s))); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  insert(mine, 2);
  EXPECT_EQ(rows(), 0);
  db.run(mine.rollback(soon()));
  EXPECT_EQ(rows(), 0);
}

TEST_F(Transactions, WhenBeginFailsNothingRuns) {
  Lease lease = db.run(db.pool.acquire(soon()));
  std::vector<Request> requests;
  requests.push_back(query("insert into t values (1)"));
  requests.push_back(query("insert into t values (2)"));
  ExecuteOptions options;
  options.prefix = "begin isolation level nonsense";
  const auto results =
      db.run(lease.connection().execute(std::move(requests), soon(), std::move(options)));
  ASSERT_EQ(results.size(), 2U);
  for (const Result& result : results) EXPECT_EQ(result.error()->sqlstate(), "42601");
  EXPECT_EQ(rows(), 0);
  insert(lease, 1);  // its Parse never happened, and is not taken to have
  EXPECT_EQ(rows(), 1);
}

TEST_F(Transactions, AFailedStatementFailsTheRestAndTheCommit) {
  Transaction mine = begin();
  insert(mine, 1);
  EXPECT_EQ(error_of([&]() -> bool { return insert(mine, 1), true; }).sqlstate(), "23505");
  EXPECT_EQ(error_of([&]() -> bool { return insert(mine, 2), true; }).sqlstate(), "25P02");
  EXPECT_EQ(error_of([&] { return db.run(commit(mine, soon())); }).sqlstate(), "25P02");
  EXPECT_TRUE(mine.lease().connection().clean());
  EXPECT_EQ(rows(), 0);
}

TEST_F(Transactions, AFailureInTheFirstBatchStopsWhatFollowsIt) {
  Transaction mine = begin();
  std::vector<Request> requests;
  requests.push_back(query("insert into t values (1)"));
  requests.push_back(query("select 1/0"));
  requests.push_back(query("insert into t values (2)"));
  const auto results = db.run(mine.execute(std::move(requests), soon()));
  EXPECT_FALSE(results[0].failed());
  EXPECT_EQ(results[1].error()->sqlstate(), "22012");
  EXPECT_EQ(results[2].error()->sqlstate(), "25P02");
  db.run(mine.rollback(soon()));
  EXPECT_EQ(rows(), 0);
}

TEST_F(Transactions, OnceOverItRefusesEverything) {
  Transaction mine = begin();
  insert(mine, 1);
  db.run(mine.commit(soon()));
  EXPECT_EQ(error_of([&]() -> bool { return insert(mine, 2), true; }).kind(), ErrorKind::closed);
  EXPECT_EQ(error_of([&] { return db.run(commit(mine, soon())); }).kind(), ErrorKind::closed);
}

TEST_F(Transactions, AStatementThatEndsItIsNotFollowedOutsideIt) {
  Transaction mine = begin();
  insert(mine, 1);
  (void)db.run(ask(mine, query("commit")));
  EXPECT_EQ(error_of([&]() -> bool { return insert(mine, 2), true; }).kind(), ErrorKind::closed);
  EXPECT_EQ(rows(), 1);
}

TEST_F(Transactions, CommitNeedsNoPreparedStatement) {
  Transaction mine = begin();
  insert(mine, 1);
  db.run(mine.lease().script("deallocate all", "drop", soon()));
  db.run(mine.commit(soon()));
  EXPECT_EQ(rows(), 1);
}

TEST_F(Transactions, ASerializationFailureIsRetryable) {
  insert(db.pool, 1);
  Transaction one = begin({.isolation = Isolation::serializable});
  Transaction two = begin({.isolation = Isolation::serializable});
  for (Transaction* each : {&one, &two}) {
    (void)db.run(value<type::Int8>(*each, query("select count(*) from t")));
  }
  insert(one, 2);
  insert(two, 3);
  db.run(one.commit(soon()));
  const Error error = error_of([&] { return db.run(commit(two, soon())); });
  EXPECT_EQ(error.sqlstate(), "40001");
  EXPECT_TRUE(error.retryable());
  EXPECT_FALSE(error.outcome_unknown());
}

TEST_F(Transactions, ALossDuringCommitIsAnUnknownOutcome) {
  make_commit_wait();
  Lease blocker = db.run(db.pool.acquire(soon()));
  (void)db.run(ask(blocker, query("select pg_advisory_lock(7)")));
  Transaction mine = begin();
  insert(mine, 1);
  const std::int32_t pid = mine.lease().connection().server_pid();
  Running<bool> committing(db.runtime, commit(mine, soon()));
  ASSERT_TRUE(eventually([&] { return state_of(pid, "wait_event") == "advisory"; }));
  (void)db.run(ask(blocker, query<type::Int4>("select pg_terminate_backend($1)", pid)));
  const Error error = error_of([&] { return committing.get(); });
  EXPECT_TRUE(error.connection_lost());
  EXPECT_TRUE(error.outcome_unknown());
  EXPECT_FALSE(error.retryable());
}

TEST_F(Transactions, ACommitIsNotCancelledAtItsDeadline) {
  make_commit_wait();
  Lease blocker = db.run(db.pool.acquire(soon()));
  (void)db.run(ask(blocker, query("select pg_advisory_lock(7)")));
  {
    Transaction mine = begin();
    insert(mine, 1);
    const Error error = error_of([&] { return db.run(commit(mine, Deadline::after(50ms))); });
    EXPECT_EQ(error.kind(), ErrorKind::timeout);
    EXPECT_TRUE(error.outcome_unknown());
  }
  EXPECT_EQ(rows(), 0);
  (void)db.run(ask(blocker, query("select pg_advisory_unlock(7)")));
  EXPECT_TRUE(eventually([&] { return rows() == 1; }));
}

TEST_F(Transactions, ACancelledCommitIsOfUnknownOutcomeAndGoesOn) {
  make_commit_wait();
  Lease blocker = db.run(db.pool.acquire(soon()));
  (void)db.run(ask(blocker, query("select pg_advisory_lock(7)")));
  {
    Transaction mine = begin();
    insert(mine, 1);
    const std::int32_t pid = mine.lease().connection().server_pid();
    Running<bool> committing(db.runtime, commit(mine, soon()));
    ASSERT_TRUE(eventually([&] { return state_of(pid, "wait_event") == "advisory"; }));
    committing.cancel();
    const Error error = error_of([&] { return committing.get(); });
    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    EXPECT_TRUE(error.outcome_unknown());
  }
  (void)db.run(ask(blocker, query("select pg_advisory_unlock(7)")));
  EXPECT_TRUE(eventually([&] { return rows() == 1; }));
}

TEST_F(Transactions, AfterALossBeforeCommitTheCommitFailsAndIsNoUnknownOutcome) {
  Transaction mine = begin();
  insert(mine, 1);
  const std::int32_t pid = mine.lease().connection().server_pid();
  (void)db.run(ask(db.pool, query<type::Int4>("select pg_terminate_backend($1, 10000)", pid)));
  EXPECT_TRUE(error_of([&]() -> bool { return insert(mine, 2), true; }).connection_lost());
  const Error error = error_of([&] { return db.run(commit(mine, soon())); });
  EXPECT_TRUE(error.connection_lost());
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_EQ(rows(), 0);
}

TEST(Transaction, IsDeferrableWhenAsked) {
  Database db;
  const auto modes = [&](TransactionOptions options) {
    Transaction mine = db.run(Transaction::begin(db.pool, options, soon()));
    std::string all;
    for (const char* mode : {"show transaction_isolation", "show transaction_read_only",
                             "show transaction_deferrable"}) {
      all += db.run(value<type::Text>(mine, query(mode))) + " ";
    }
    db.run(mine.rollback(soon()));
    return all;
  };
  EXPECT_EQ(modes({.isolation = Isolation::serializable, .read_only = true, .deferrable = true}),
            "serializable on on ");
  EXPECT_EQ(modes({.isolation = Isolation::serializable, .read_only = true}),
            "serializable on off ");
}

}  // namespace
}  // namespace loci::pg
