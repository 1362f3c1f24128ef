// What PostgreSQL itself decides about memories; the rest is the conformance suite's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <set>

#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using test::eventually;
using namespace std::chrono_literals;

struct Memories : testing::Test, test::StorageFixture {
  Memories() : StorageFixture(4) {}

  MemoryRepository& memories() { return storage.memories(); }
  static NewMemory fact(std::string content) {
    NewMemory made;
    made.scope.user_id = "ann";
    made.content = std::move(content);
    return made;
  }
  Memory remember(std::string content) { return run(memories().create(fact(std::move(content)))); }
  // Makes it one that expired.
  void expire(const Memory& memory) {
    script("update memories set expires_at = now() - interval '1 day' where id = '" +
           memory.id.str() + "'");
  }
  std::int64_t rows() { return number("select count(*) from memories"); }
};

TEST_F(Memories, ManyWhoUpsertTheSameAtOnceMakeOne) {
  const auto upserter = [](Memories& self, int n) -> Task<Upserted> {
    NewMemory same = fact("likes tea");
    same.importance = n / 100.0;
    same.metadata = {R"({"n)" + std::to_string(n) + R"(": true})"};
    co_return co_await self.memories().upsert(std::move(same));
  };
  std::vector<std::future<Upserted>> upserters;
  for (int n = 0; n < 16; ++n) {
    upserters.push_back(
        boost::asio::co_spawn(runtime.executor(), upserter(*this, n), boost::asio::use_future));
  }
  std::set<Uuid> ids;
  int created = 0;
  for (auto& each : upserters) {
    const Upserted done = each.get();
    ids.insert(done.memory.id);
    created += done.created ? 1 : 0;
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(created, 1);
  EXPECT_EQ(rows(), 1);
  const Memory one = run(memories().get(*ids.begin())).value();
  EXPECT_EQ(one.version, 16);
  EXPECT_DOUBLE_EQ(one.importance, 0.15);
  EXPECT_EQ(number("select count(*) from memories, jsonb_object_keys(metadata)"), 16);
}

TEST_F(Memories, AreFoundByTheHashOfTheirContent) {
  (void)remember("Grüße 🦆");
  EXPECT_EQ(number("select count(*) from memories where content_hash = sha256(convert_to(content, "
                   "'UTF8'))"),
            1);
}

TEST_F(Memories, WhatHasExpiredGivesWayToTheSameAnew) {
  const Memory old = remember("likes tea");
  expire(old);
  const Memory again = remember("likes tea");
  EXPECT_NE(again.id, old.id);
  EXPECT_EQ(rows(), 1) << "the expired one is gone";
  expire(again);
  const Upserted third = run(memories().upsert(fact("likes tea")));
  EXPECT_TRUE(third.created);
  EXPECT_NE(third.memory.id, again.id);
  EXPECT_EQ(rows(), 1);
}

TEST_F(Memories, KeepNoVersionOfAChangeThatSaysNothingElse) {
  const Memory made = remember("likes tea");
  (void)run(memories().upsert(fact("likes tea")));
  (void)run(memories().touch({made.id}));
  EXPECT_TRUE(run(memories().versions(made.id)).empty());
  EXPECT_EQ(run(memories().get(made.id)).value().version, 2) << "the upsert";
  (void)run(memories().update(made.id, {.importance = 0.9}));
  const auto versions = run(memories().versions(made.id));
  ASSERT_EQ(versions.size(), 1U);
  EXPECT_EQ(versions[0].version, 2);
  EXPECT_EQ(versions[0].importance, 0.5);
}

TEST_F(Memories, OfTwoWhoSupersedeTheSameOnlyOneDoes) {
  const Memory old = remember("lives in Rome");
  const auto superseder = [](Memories& self, Uuid id, std::string by) -> Task<bool> {
    co_return (co_await self.memories().supersede(id, fact(std::move(by)))).has_value();
  };
  std::vector<std::future<bool>> superseders;
  for (int n = 0; n < 8; ++n) {
    superseders.push_back(boost::asio::co_spawn(
        runtime.executor(), superseder(*this, old.id, "lives in " + std::to_string(n)),
        boost::asio::use_future));
  }
  int done = 0;
  for (auto& each : superseders) done += each.get() ? 1 : 0;
  EXPECT_EQ(done, 1);
  EXPECT_EQ(rows(), 2);
}

TEST_F(Memories, ThatCannotBeSupersededLeaveTheOldOne) {
  const Memory old = remember("lives in Rome");
  (void)remember("lives in Oslo");
  EXPECT_EQ(
      error_of([&] { return run(memories().supersede(old.id, fact("lives in Oslo"))); }).sqlstate(),
      "23505");
  const Memory still = run(memories().get(old.id)).value();
  EXPECT_FALSE(still.superseded_by);
  EXPECT_FALSE(still.valid_to);
}

TEST_F(Memories, TouchedInAnyOrderAtOnceDoNotDeadlock) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(remember(std::to_string(i)).id);
  const auto toucher = [](Memories& self, std::vector<Uuid> all) -> Task<std::int64_t> {
    std::int64_t touched = 0;
    for (int i = 0; i < 10; ++i) touched += co_await self.memories().touch(all);
    co_return touched;
  };
  std::vector<std::future<std::int64_t>> touchers;
  for (int n = 0; n < 8; ++n) {
    std::ranges::reverse(ids);
    touchers.push_back(
        boost::asio::co_spawn(runtime.executor(), toucher(*this, ids), boost::asio::use_future));
  }
  for (auto& each : touchers) EXPECT_EQ(each.get(), 200);
  EXPECT_EQ(number("select min(access_count) from memories"), 80);
}

TEST_F(Memories, AreSweptAroundThoseThatOthersHold) {
  for (int i = 0; i < 3; ++i) expire(remember(std::to_string(i)));
  Runtime other;
  PostgresStorage sweeper(other.executor(), options());
  const auto first = run(storage.begin());
  EXPECT_EQ(run(first->memories().sweep(now(), 2)), 2);
  EXPECT_EQ(other.wait(sweeper.memories().sweep(now(), 10)), 1) << "without waiting";
  run(first->commit());
  EXPECT_EQ(rows(), 0);
}

TEST_F(Memories, TakeTheirVectorsAndJobsAlong) {
  const auto model = run(storage.embeddings().add_model("m", 2));
  const Memory gone = remember("gone");
  const Memory kept = remember("kept");
  for (const Memory& each : {gone, kept}) {
    NewEmbedding vector;
    vector.model_id = model.id;
    vector.content_type = "memory";
    vector.content_id = each.id;
    vector.embedding = {{1, 0}};
    run(storage.embeddings().store({vector}));
  }
  script(
      "insert into embedding_jobs (tenant_id, model_id, content_type, content_id)"
      " select tenant_id, model_id, content_type, content_id from embeddings");
  EXPECT_TRUE(run(memories().erase(gone.id)));
  EXPECT_EQ(number("select count(*) from embedding_jobs"), 1) << "what is erased is not embedded";
  EXPECT_EQ(run(memories().purge_deleted(now() + 1min)), 1);
  EXPECT_EQ(number("select count(*) from embeddings"), 1);
}

}  // namespace
}  // namespace loci::storage
