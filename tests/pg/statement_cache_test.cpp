#include "pg/statement_cache.hpp"

#include <loci/pg/transaction.hpp>

#include <gtest/gtest.h>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::Database;
using test::query;
using test::soon;
using test::value;

TEST(StatementCacheTest, FindsWhatWasAddedAndNothingElse) {
  StatementCache cache(2);
  EXPECT_EQ(cache.find("select 1"), nullptr);
  EXPECT_FALSE(cache.evict());
  const std::string name = cache.add("select 1").name;
  EXPECT_EQ(cache.find("select 1"), name);
  EXPECT_EQ(cache.find("select 2"), nullptr);
}

TEST(StatementCacheTest, GivesUpTheLeastRecentlyUsed) {
  StatementCache cache(2);
  const std::string one = cache.add("select 1").name;
  const std::string two = cache.add("select 2").name;
  EXPECT_EQ(cache.find("select 1"), one);
  EXPECT_EQ(cache.evict(), two);
  const std::string three = cache.add("select 3").name;
  EXPECT_NE(three, two);
  EXPECT_TRUE(cache.contains("select 1"));
  EXPECT_FALSE(cache.contains("select 2"));
  EXPECT_EQ(cache.size(), 2U);
}

TEST(StatementCacheTest, WhatIsForgottenMakesRoom) {
  StatementCache cache(1);
  (void)cache.add("select 1");
  cache.forget("select 1");
  cache.forget("never seen");
  EXPECT_EQ(cache.find("select 1"), nullptr);
  EXPECT_FALSE(cache.evict());
}

TEST(StatementCacheTest, ACloseThatDidNotComeThroughIsGivenOutAgain) {
  StatementCache cache(1);
  const std::string name = cache.add("select 1").name;
  EXPECT_EQ(cache.evict(), name);
  cache.not_closed(name);
  EXPECT_EQ(cache.evict(), name);
  EXPECT_FALSE(cache.evict());
}

TEST(StatementCacheTest, WhatNoLongerFitsIsClosedBeforeAnotherIsMade) {
  StatementCache cache(2);
  const StatementCache::Entry stale = cache.add("select 1");
  EXPECT_EQ(cache.latest(), stale.serial);
  cache.drop("select 1", stale.serial);
  EXPECT_EQ(cache.find("select 1"), nullptr);
  EXPECT_EQ(cache.evict(), stale.name);
  EXPECT_FALSE(cache.evict());
}

TEST(StatementCacheTest, ALateWordOfAnEarlierOneLeavesTheNewOneAlone) {
  StatementCache cache(2);
  const StatementCache::Entry stale = cache.add("select 1");
  cache.drop("select 1", stale.serial);
  (void)cache.evict();
  const std::string name = cache.add("select 1").name;
  cache.drop("select 1", stale.serial);
  EXPECT_EQ(cache.find("select 1"), name);
  EXPECT_FALSE(cache.evict());
}

TEST(StatementCacheTest, OfBoundNothingKeepsNothing) {
  EXPECT_FALSE(StatementCache(0).enabled());
  EXPECT_TRUE(StatementCache(1).enabled());
}

struct PreparedStatements : testing::Test {
  static PoolOptions bound(std::size_t statements) {
    PoolOptions options;
    options.statement_cache = statements;
    return options;
  }
  // As the server counts them, without preparing one more.
  static std::int64_t prepared(Database& db, Lease& lease) {
    db.run(
        lease.script("drop table if exists counted; create temp table counted as "
                     "select count(*) n from pg_prepared_statements",
                     "count", soon()));
    return db.run(value<type::Int8>(lease, query("select n from counted")));
  }
  static std::string text(int i) { return "select " + std::to_string(i); }
};

TEST_F(PreparedStatements, StayWithinTheBound) {
  Database db(bound(4));
  Lease lease = db.run(db.pool.acquire(soon()));
  for (int i = 0; i < 20; ++i) {
    const std::string sql = text(i);
    EXPECT_EQ(db.run(value<type::Int4>(lease, query(sql))), i);
  }
  EXPECT_EQ(prepared(db, lease), 4);
}

TEST_F(PreparedStatements, ABatchMayHaveMoreThanTheBound) {
  Database db(bound(2));
  Lease lease = db.run(db.pool.acquire(soon()));
  std::vector<std::string> texts;
  for (int i = 0; i < 6; ++i) texts.push_back(text(i % 4));
  std::vector<Request> requests;
  for (const std::string& sql : texts) requests.push_back(query(sql));
  const auto results = db.run(lease.execute(std::move(requests), soon()));
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(results[i].row(0).get<type::Int4>(0), static_cast<std::int32_t>(i % 4));
  }
  EXPECT_EQ(prepared(db, lease), 2);
}

TEST_F(PreparedStatements, ACloseThatAFailureSkippedIsMadeUpFor) {
  Database db(bound(1));
  Transaction mine = db.run(Transaction::begin(db.pool, {}, soon()));
  std::vector<Request> requests;
  requests.push_back(query("select 1"));
  requests.push_back(query("select 1/0"));
  requests.push_back(query("select 2"));
  const auto results = db.run(mine.execute(std::move(requests), soon()));
  EXPECT_EQ(results[1].error()->sqlstate(), "22012");
  db.run(mine.rollback(soon()));
  for (int i = 10; i < 13; ++i) {
    const std::string sql = text(i);
    EXPECT_EQ(db.run(value<type::Int4>(mine.lease(), query(sql))), i);
  }
  EXPECT_EQ(prepared(db, mine.lease()), 1);
}

TEST_F(PreparedStatements, OfBoundNothingAreNone) {
  Database db(bound(0));
  Lease lease = db.run(db.pool.acquire(soon()));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(db.run(value<type::Int4>(lease, query<type::Int4>("select $1::int", i))), i);
  }
  EXPECT_EQ(prepared(db, lease), 0);
}

}  // namespace
}  // namespace loci::pg
