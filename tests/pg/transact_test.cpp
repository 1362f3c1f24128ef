#include <loci/pg/transact.hpp>

#include <gtest/gtest.h>
#include <atomic>
#include <stdexcept>

#include "pg/ask.hpp"

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

struct Find {
  std::int32_t id;
  struct Row {
    std::int32_t id;
  };
  static constexpr Statement statement{
      .name = "Find", .sql = "select id from t where id = $1", .lane = Lane::shared};
  static constexpr Cardinality cardinality = Cardinality::one;
  void bind(Params& params) const { params.add<type::Int4>(id); }
  static Row decode(const RowView& row) { return {row.get<type::Int4>(0)}; }
};

struct Insert {
  std::int32_t id;
  static constexpr Statement statement{.name = "Insert", .sql = "insert into t values ($1)"};
  static constexpr Cardinality cardinality = Cardinality::execrows;
  void bind(Params& params) const { params.add<type::Int4>(id); }
};

struct Transact : testing::Test {
  Transact() { db.script("create table t (id int primary key)"); }

  std::int64_t rows() {
    return db.run(value<type::Int8>(db.pool, query("select count(*) from t")));
  }
  // Fails as a conflict does, `times` times.
  awaitable<int> conflicting(int times, std::string_view raise, Deadline deadline = soon()) {
    co_return co_await transact(db.pool, {}, deadline,
                                [&, times, raise](Transaction& mine) -> awaitable<int> {
                                  ++attempts;
                                  (void)co_await mine.run(Insert{attempts.load()}, soon());
                                  if (attempts <= times) (void)co_await ask(mine, query(raise));
                                  co_return attempts.load();
                                });
  }
  static constexpr std::string_view k_conflict =
      "do $$ begin raise exception 'conflict' using errcode = '40001'; end $$";
  static constexpr std::string_view k_deadlock =
      "do $$ begin raise exception 'deadlock' using errcode = '40P01'; end $$";

  // Until lock 7 is free.
  void make_commits_wait() {
    db.script(
        "create function wait_at_commit() returns trigger language plpgsql as "
        "$$ begin perform pg_advisory_xact_lock(7); return null; end $$;"
        "create constraint trigger wait after insert on t deferrable initially deferred "
        "for each row execute function wait_at_commit()");
  }
  // Some statement in this database does.
  bool waits_for(const std::string& event) {
    return eventually([&] {
      return db.run(value<type::Bool>(
          db.pool, query<type::Text>("select exists (select from pg_stat_activity where "
                                     "datname = current_database() and wait_event = $1)",
                                     event)));
    });
  }

  Database db;
  std::atomic<int> attempts = 0;
};

TEST_F(Transact, CommitsAndGivesWhatTheBodyGives) {
  EXPECT_EQ(db.run(conflicting(0, "")), 1);
  EXPECT_EQ(rows(), 1);
}

TEST_F(Transact, RunsTheBodyAgainAfterAConflictOrADeadlock) {
  EXPECT_EQ(db.run(conflicting(2, k_conflict)), 3);
  EXPECT_EQ(rows(), 1);  // what the first two attempts wrote is gone
  attempts = 10;
  EXPECT_EQ(db.run(conflicting(11, k_deadlock)), 12);
}

TEST_F(Transact, GivesUpAtTheDeadlineWithTheConflict) {
  const Error error =
      error_of([&] { return db.run(conflicting(1'000'000, k_conflict, Deadline::after(200ms))); });
  EXPECT_TRUE(error.retryable() || error.kind() == ErrorKind::timeout ||
              error.kind() == ErrorKind::pool_timeout)
      << error.what();
  EXPECT_GT(attempts, 1);
  EXPECT_EQ(rows(), 0);
}

TEST_F(Transact, OtherErrorsOfTheServerAreThrownAtOnce) {
  EXPECT_EQ(error_of([&] { return db.run(conflicting(5, "select 1/0")); }).sqlstate(), "22012");
  EXPECT_EQ(attempts, 1);
  EXPECT_EQ(rows(), 0);
}

TEST_F(Transact, AnExceptionOfTheBodyRollsBack) {
  const auto throwing = [](Transaction& mine) -> awaitable<void> {
    (void)co_await mine.run(Insert{1}, soon());
    throw std::runtime_error("changed my mind");
  };
  EXPECT_THROW(db.run(transact(db.pool, {}, soon(), throwing)), std::runtime_error);
  EXPECT_EQ(db.pool.statistics().idle, db.pool.statistics().open);
  EXPECT_EQ(rows(), 0);
}

TEST_F(Transact, TheBodyMayCommitByItself) {
  db.run(transact(db.pool, {}, soon(), [](Transaction& mine) -> awaitable<void> {
    (void)co_await mine.commit_with(soon(), Insert{1}, Insert{2});
  }));
  EXPECT_EQ(rows(), 2);
}

TEST_F(Transact, ACancelledCallerIsToldSoAndHisConnectionServesOn) {
  const auto sleeping = [](Transaction& mine) -> awaitable<int> {
    (void)co_await mine.run(Insert{1}, soon());
    (void)co_await ask(mine, query("select pg_sleep(600)"));
    co_return 1;
  };
  Running<int> running(db.runtime, transact(db.pool, {}, soon(), sleeping));
  ASSERT_TRUE(waits_for("PgSleep"));
  running.cancel();
  const Error error = error_of([&] { return running.get(); });
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_EQ(rows(), 0);
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().idle == db.pool.statistics().open; }));
  EXPECT_EQ(db.pool.statistics().retired.total(), 0U);
}

TEST_F(Transact, CancelledBetweenTwoAttemptsItSaysSo) {
  Running<int> running(db.runtime, conflicting(1'000'000, k_conflict));
  ASSERT_TRUE(eventually([&] { return attempts > 3; }));
  running.cancel();
  EXPECT_EQ(error_of([&] { return running.get(); }).kind(), ErrorKind::cancelled);
}

TEST_F(Transact, CancelledAtItsCommitItsOutcomeStaysUnknown) {
  make_commits_wait();
  Lease blocker = db.run(db.pool.acquire(soon()));
  (void)db.run(ask(blocker, query("select pg_advisory_lock(7)")));
  Running<int> running(db.runtime, conflicting(0, ""));
  ASSERT_TRUE(waits_for("advisory"));
  running.cancel();
  const Error error = error_of([&] { return running.get(); });
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_TRUE(error.outcome_unknown());
  (void)db.run(ask(blocker, query("select pg_advisory_unlock(7)")));
}

TEST_F(Transact, SerializableWritersAllSucceed) {
  db.script("insert into t values (0)");
  const auto count_up = [](Transaction& mine) -> awaitable<bool> {
    const auto rows = co_await value<type::Int8>(mine, query("select count(*) from t"));
    co_return co_await mine.run(Insert{static_cast<std::int32_t>(rows)}, soon()) == 1;
  };
  std::vector<std::unique_ptr<Running<bool>>> writers;
  for (int i = 0; i < 8; ++i) {
    writers.push_back(std::make_unique<Running<bool>>(
        db.runtime, transact(db.pool, {.isolation = Isolation::serializable}, soon(), count_up)));
  }
  int duplicates = 0;
  for (auto& writer : writers) {
    try {
      EXPECT_TRUE(writer->get());
    } catch (const Error& error) {  // the key came first, before the conflict was seen
      EXPECT_EQ(error.sqlstate(), "23505") << error.what();
      ++duplicates;
    }
  }
  EXPECT_EQ(rows(), 9 - duplicates);
}

TEST_F(Transact, ResolveFindsWhatWasCommitted) {
  db.script("insert into t values (1)");
  EXPECT_TRUE(db.run(resolve(db.pool, Find{1}, 0, soon())));
  EXPECT_FALSE(db.run(resolve(db.pool, Find{2}, 0, soon())));
}

TEST_F(Transact, ResolveDoesNotTakeARowThatIsNotThereYetForOneThatWillNotCome) {
  make_commits_wait();
  Lease blocker = db.run(db.pool.acquire(soon()));
  (void)db.run(ask(blocker, query("select pg_advisory_lock(7)")));
  int pid = 0;
  {
    Transaction mine = db.run(Transaction::begin(db.pool, {}, soon()));
    pid = mine.server_pid();
    const Error error =
        error_of([&] { return db.run(mine.commit_with(Deadline::after(50ms), Insert{1})); });
    EXPECT_TRUE(error.outcome_unknown());
  }
  const Error unknown =
      error_of([&] { return db.run(resolve(db.pool, Find{1}, pid, Deadline::after(200ms))); });
  EXPECT_TRUE(unknown.outcome_unknown());
  (void)db.run(ask(blocker, query("select pg_advisory_unlock(7)")));
  EXPECT_TRUE(db.run(resolve(db.pool, Find{1}, pid, soon())));
}

TEST_F(Transact, ResolveTellsThatItWasRolledBackOnceTheProcessIsGone) {
  int pid = 0;
  {
    Transaction mine = db.run(Transaction::begin(db.pool, {}, soon()));
    pid = mine.server_pid();
    std::vector<Request> requests;
    requests.push_back(query("insert into t values (1)"));
    requests.push_back(query("select pg_terminate_backend(pg_backend_pid()), pg_sleep(600)"));
    const Error error =
        error_of([&] { return db.run(mine.execute_and_commit(std::move(requests), soon())); });
    EXPECT_TRUE(error.outcome_unknown());
  }
  EXPECT_FALSE(db.run(resolve(db.pool, Find{1}, pid, soon())));
}

}  // namespace
}  // namespace loci::pg
