// The last statements of a transaction and its COMMIT in one flush.
#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>

#include "pg/ask.hpp"
#include "pg/connection.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::soon;
using test::value;
using namespace std::chrono_literals;

struct Insert {
  std::int32_t id;
  static constexpr Statement statement{.name = "Insert", .sql = "insert into t values ($1)"};
  static constexpr Cardinality cardinality = Cardinality::execrows;
  void bind(Params& params) const { params.add<type::Int4>(id); }
};

struct CommitWith : testing::Test {
  CommitWith() { db.script("create table t (id int primary key)"); }

  Transaction begin() { return db.run(Transaction::begin(db.pool, {}, soon())); }
  void insert(Session& session, std::int32_t id) { (void)db.run(session.run(Insert{id}, soon())); }
  std::vector<Result> commit(Transaction& mine, std::initializer_list<std::string_view> texts,
                             Deadline deadline = soon()) {
    return db.run(mine.execute_and_commit(requests(texts), deadline));
  }
  static std::vector<Request> requests(std::initializer_list<std::string_view> texts) {
    std::vector<Request> made;
    for (const std::string_view text : texts) made.push_back(query(text));
    return made;
  }
  std::int64_t rows() {
    return db.run(value<type::Int8>(db.pool, query("select count(*) from t")));
  }
  Database db;
};

TEST_F(CommitWith, BringsTheOutcomesAndKeepsTheRows) {
  Transaction mine = begin();
  const auto [first, second] = db.run(mine.commit_with(soon(), Insert{1}, Insert{2}));
  EXPECT_EQ(first, 1U);
  EXPECT_EQ(second, 1U);
  EXPECT_TRUE(mine.lease().connection().clean());
  EXPECT_EQ(rows(), 2);
}

TEST_F(CommitWith, WithoutQueriesIsCommit) {
  Transaction mine = begin();
  insert(mine, 1);
  (void)db.run(mine.commit_with(soon()));
  EXPECT_EQ(rows(), 1);
}

TEST_F(CommitWith, KeepsWhatTheTransactionDidBefore) {
  Transaction mine = begin();
  insert(mine, 1);
  (void)db.run(mine.commit_with(soon(), Insert{2}));
  EXPECT_EQ(rows(), 2);
}

TEST_F(CommitWith, AFailedStatementRollsAllBack) {
  Transaction mine = begin();
  insert(mine, 1);
  const Error error = error_of([&] {
    return commit(mine, {"insert into t values (2)", "select 1/0", "insert into t values (3)"});
  });
  EXPECT_EQ(error.sqlstate(), "22012");
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_TRUE(mine.lease().connection().clean());
  EXPECT_EQ(rows(), 0);
}

TEST_F(CommitWith, AFailureThatOnlyCommitSeesIsThrown) {
  db.script("create table child (id int references t deferrable initially deferred)");
  Transaction mine = begin();
  const Error error = error_of([&] { return commit(mine, {"insert into child values (1)"}); });
  EXPECT_EQ(error.sqlstate(), "23503");
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_TRUE(mine.lease().connection().clean());
}

TEST_F(CommitWith, AfterAFailureNothingIsSent) {
  Transaction mine = begin();
  insert(mine, 1);
  EXPECT_EQ(error_of([&]() -> bool { return insert(mine, 1), true; }).sqlstate(), "23505");
  EXPECT_EQ(error_of([&] { return commit(mine, {"insert into t values (2)"}); }).sqlstate(),
            "25P02");
  EXPECT_EQ(rows(), 0);
}

TEST_F(CommitWith, OnceOverItRefusesMore) {
  Transaction mine = begin();
  (void)commit(mine, {"insert into t values (1)"});
  EXPECT_EQ(error_of([&] { return commit(mine, {"select 1"}); }).kind(), ErrorKind::closed);
}

TEST_F(CommitWith, ADeadlineBeforeItWasSentIsNoUnknownOutcome) {
  Transaction mine = begin();
  const Error error =
      error_of([&] { return commit(mine, {"insert into t values (1)"}, Deadline::after(-1s)); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_FALSE(error.outcome_unknown());
}

TEST_F(CommitWith, AtTheDeadlineItIsNotCancelledAndItsOutcomeIsUnknown) {
  Lease blocker = db.run(db.pool.acquire(soon()));
  (void)db.run(ask(blocker, query("select pg_advisory_lock(7)")));
  {
    Transaction mine = begin();
    const Error error = error_of([&] {
      return commit(mine, {"insert into t values (1)", "select pg_advisory_xact_lock(7)"},
                    Deadline::after(50ms));
    });
    EXPECT_EQ(error.kind(), ErrorKind::timeout);
    EXPECT_TRUE(error.outcome_unknown());
  }
  (void)db.run(ask(blocker, query("select pg_advisory_unlock(7)")));
  EXPECT_TRUE(eventually([&] { return rows() == 1; }));
}

TEST_F(CommitWith, ALossAfterItWasSentIsAnUnknownOutcome) {
  Transaction mine = begin();
  const Error error = error_of([&] {
    return commit(mine, {"insert into t values (1)",
                         "select pg_terminate_backend(pg_backend_pid())", "select pg_sleep(600)"});
  });
  EXPECT_TRUE(error.connection_lost());
  EXPECT_TRUE(error.outcome_unknown());
  EXPECT_EQ(rows(), 0);
}

TEST_F(CommitWith, ALossOfAStatementBeforeItIsNoUnknownOutcome) {
  Transaction mine = begin();
  const Error error = error_of([&] {
    return db.run(ask(mine, query("select pg_terminate_backend(pg_backend_pid()), pg_sleep(600)")));
  });
  EXPECT_TRUE(error.connection_lost());
  EXPECT_FALSE(error.outcome_unknown());
}

TEST_F(CommitWith, ALossOfAStatementThatMightCommitIsAnUnknownOutcome) {
  db.script(
      "create procedure quit() language sql begin atomic "
      "select pg_terminate_backend(pg_backend_pid()); select pg_sleep(600); end");
  Transaction mine = begin();
  const Error error = error_of([&] { return db.run(ask(mine, query("call quit()"))); });
  EXPECT_TRUE(error.connection_lost());
  EXPECT_TRUE(error.outcome_unknown());
}

}  // namespace
}  // namespace loci::pg
