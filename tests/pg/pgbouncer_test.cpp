// Through a real PgBouncer that pools transactions: two server connections for all.
#include "pg/pgbouncer.hpp"

#include <loci/pg/copy.hpp>
#include <loci/pg/listener.hpp>
#include <loci/pg/transact.hpp>

#include <gtest/gtest.h>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::error_of;
using test::PgBouncer;
using test::query;
using test::Running;
using test::soon;
using test::value;
using namespace std::chrono_literals;

struct Point {
  std::int32_t id = 0;
};

struct ThroughPgBouncer : testing::Test {
  void SetUp() override {
    if (!PgBouncer::program()) GTEST_SKIP() << "pgbouncer is not installed";
    direct.emplace();
    bouncer.emplace(direct->dsn);
    PoolOptions options;
    options.conninfo = bouncer->dsn;
    options.settings = {{"loci.tenant_id", "ten'ant"}};
    options.max_connections = 8;
    options.pgbouncer = true;
    db.emplace(std::move(options));
    direct->script("create table t (id int primary key)");
  }
  awaitable<bool> many_callers(int number) {
    for (int i = 0; i < 50; ++i) {
      const std::int32_t nonce = number * 1000 + i;
      const auto back =
          co_await value<type::Int4>(db->pool, query<type::Int4>("select $1::int", nonce), soon());
      if (back != nonce) co_return false;
    }
    co_return true;
  }
  std::string tenant(Session& session) {
    return db->run(value<type::Text>(session, query("select current_setting('loci.tenant_id')")));
  }
  std::int64_t rows() {
    return direct->run(value<type::Int8>(direct->pool, query("select count(*) from t")));
  }

  std::optional<Database> direct;
  std::optional<PgBouncer> bouncer;
  std::optional<Database> db;
};

TEST_F(ThroughPgBouncer, ManyCallersOverFewServersReadTheirOwn) {
  std::vector<std::unique_ptr<Running<bool>>> callers;
  for (int i = 0; i < 8; ++i) {
    callers.push_back(std::make_unique<Running<bool>>(db->runtime, many_callers(i)));
  }
  for (auto& caller : callers) EXPECT_TRUE(caller->get());
}

TEST_F(ThroughPgBouncer, TheSettingsHoldInEveryTransactionAndNowhereElse) {
  EXPECT_EQ(tenant(db->pool), "ten'ant");
  Transaction mine = db->run(Transaction::begin(db->pool, {}, soon()));
  EXPECT_EQ(tenant(mine), "ten'ant");
  EXPECT_EQ(tenant(mine), "ten'ant");
  db->run(mine.rollback(soon()));
  PoolOptions bare;
  bare.conninfo = bouncer->dsn;
  bare.pgbouncer = true;
  Database other(std::move(bare));
  EXPECT_EQ(other.run(value<type::Text>(
                other.pool, query("select coalesce(current_setting('loci.tenant_id', true), '')"))),
            "");
}

TEST_F(ThroughPgBouncer, TheServersLimitsHoldToo) {
  for (const auto& [setting, expected] :
       {std::pair{"statement_timeout", "30s"}, std::pair{"lock_timeout", "10s"},
        std::pair{"idle_in_transaction_session_timeout", "1min"}}) {
    EXPECT_EQ(db->run(value<type::Text>(db->pool,
                                        query<type::Text>("select current_setting($1)", setting))),
              expected);
  }
}

TEST_F(ThroughPgBouncer, EachOfABatchIsItsOwn) {
  std::vector<Request> requests;
  requests.push_back(query("insert into t values (1)"));
  requests.push_back(query("select 1/0"));
  requests.push_back(query("insert into t values (2)"));
  const auto results = db->run(db->pool.execute(std::move(requests), soon()));
  EXPECT_FALSE(results[0].failed());
  EXPECT_EQ(results[1].error()->sqlstate(), "22012");
  EXPECT_FALSE(results[2].failed());
  EXPECT_EQ(rows(), 2);
}

TEST_F(ThroughPgBouncer, TransactionsCommitInOneFlushAndNest) {
  db->run(transact(db->pool, {}, soon(), [](Transaction& mine) -> awaitable<void> {
    Savepoint part = co_await mine.nested(soon());
    (void)co_await ask(part, query("insert into t values (1)"));
    co_await part.rollback(soon());
    std::vector<Request> requests;
    requests.push_back(query("insert into t values (2)"));
    requests.push_back(query("insert into t values (3)"));
    (void)co_await mine.execute_and_commit(std::move(requests), soon());
  }));
  EXPECT_EQ(rows(), 2);
}

TEST_F(ThroughPgBouncer, CopyAndStreamsAndScripts) {
  Lease lease = db->run(db->pool.acquire(soon()));
  std::vector<Point> points(1000);
  std::int32_t id = 0;
  for (Point& point : points) point.id = id++;
  const auto table = copy_table<Point>("t", column<type::Int4>("id", &Point::id));
  EXPECT_EQ(db->run(copy_in(lease, table, points, soon())), 1000U);
  auto out = db->run(copy_out(lease, table, soon()));
  EXPECT_FALSE(db->run(out.next()).empty());
  db->run(out.stop());
  ResultStream stream =
      db->run(lease.stream_results(query("select id from t order by id"), soon(), 100));
  std::size_t seen = 0;
  while (const auto chunk = db->run(stream.next())) seen += chunk->rows();
  EXPECT_EQ(seen, 1000U);
  db->run(lease.script("delete from t where id >= 10; insert into t values (5000)", "s", soon()));
  EXPECT_EQ(rows(), 11);
}

TEST_F(ThroughPgBouncer, AtTheDeadlineAStatementIsCancelled) {
  Lease lease = db->run(db->pool.acquire(soon()));
  EXPECT_EQ(error_of([&] {
              return db->run(ask(lease, query("select pg_sleep(600)"), Deadline::after(50ms)));
            }).kind(),
            ErrorKind::timeout);
  EXPECT_EQ(db->run(value<type::Int4>(lease, query("select 42"))), 42);
}

// Its own statements are described, while others keep the two servers busy.
TEST_F(ThroughPgBouncer, StatementsAreDescribed) {
  std::vector<std::unique_ptr<Running<bool>>> callers;
  for (int i = 0; i < 4; ++i) {
    callers.push_back(std::make_unique<Running<bool>>(db->runtime, many_callers(i)));
  }
  Lease lease = db->run(db->pool.acquire(soon()));
  for (int i = 0; i < 50; ++i) {
    const Description made = db->run(lease.describe(
        "select id, current_setting('loci.tenant_id') as tenant from t where id = $1", soon()));
    ASSERT_EQ(made.parameters, std::vector<std::uint32_t>{23});
    ASSERT_EQ(made.columns.size(), 2U);
    EXPECT_EQ(made.columns[1].name, "tenant");
    EXPECT_EQ(
        error_of([&] { return db->run(lease.describe("select nothing", soon())); }).sqlstate(),
        "42703");
  }
  for (auto& caller : callers) EXPECT_TRUE(caller->get());
  EXPECT_EQ(db->run(value<type::Int4>(lease, query("select 42"))), 42);
}

TEST_F(ThroughPgBouncer, AListenerIsRefused) {
  PoolOptions options;
  options.conninfo = bouncer->dsn;
  options.pgbouncer = true;
  EXPECT_EQ(error_of([&] { return Listener(db->runtime.executor(), options), 0; }).kind(),
            ErrorKind::configuration);
}

}  // namespace
}  // namespace loci::pg
