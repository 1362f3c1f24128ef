#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <format>
#include <loci/vector/vector_store.hpp>

#include "vector/stored_vectors.hpp"

namespace loci::vector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct VectorStores : testing::Test, test::StoredVectors {};

TEST_F(VectorStores, FindsTheNearestFirstInTheUnitOfTheMetric) {
  struct Case {
    const char* metric;
    double nearest, second;
  };
  // Beside (3, 4): (6, 8) and (-4, 3).
  for (const Case& each :
       {Case{"cosine", 1, 0}, Case{"inner_product", 50, 0},
        Case{"l2", 1.0 / 6, 1 / (1 + std::sqrt(50))}, Case{"l1", 1.0 / 8, 1.0 / 9},
        Case{"hamming", 1, 0.5}, Case{"jaccard", 1, 0.5}}) {
    SCOPED_TRACE(each.metric);
    add_model(each.metric, 2);
    const auto ids = store_messages({Vector{{-4, 3}}, Vector{{6, 8}}});
    const auto found = run(store.search_similar(like(Vector{{3, 4}})));
    ASSERT_THAT(ids_of(found), ElementsAre(ids[1], ids[0]));
    EXPECT_NEAR(found.hits[0].similarity, each.nearest, 1e-6);
    EXPECT_NEAR(found.hits[1].similarity, each.second, 1e-6);
    EXPECT_EQ(found.index, std::nullopt);
    EXPECT_TRUE(found.complete);
  }
}

TEST_F(VectorStores, AThresholdLeavesOutWhatIsLessSimilar) {
  add_model("cosine", 2);
  const auto ids = store_messages({Vector{{1, 0}}, Vector{{0, 1}}});
  SimilarQuery query = like(Vector{{1, 0.1F}});
  query.min_similarity = 0.5;
  EXPECT_THAT(ids_of(run(store.search_similar(query))), ElementsAre(ids[0]));
  query.min_similarity = 0.999;
  EXPECT_THAT(run(store.search_similar(query)).hits, IsEmpty());
}

TEST_F(VectorStores, EachFilterHolds) {
  add_model();
  const auto anns = store_any(3, "ann", R"({"lang":"en"})");
  const auto bobs = store_any(2, "bob");
  storage::NewMemory memory;
  memory.content = "likes tea";
  memory.scope.user_id = "bob";
  const auto memories = run(storage.memories().create(memory));
  run(store.store({.model_id = model_id,
                   .content_type = "memory",
                   .content_id = memories.id,
                   .embedding = any_vector()}));
  const auto count = [&](const std::function<void(SimilarQuery&)>& narrow) {
    SimilarQuery query = like(any_vector(), 100);
    narrow(query);
    return run(store.search_similar(query)).hits.size();
  };
  EXPECT_EQ(count([](SimilarQuery&) {}), 6U);
  EXPECT_EQ(count([](SimilarQuery& q) { q.content_type = "memory"; }), 1U);
  EXPECT_EQ(count([](SimilarQuery& q) { q.content_type = "message"; }), 5U);
  EXPECT_EQ(count([](SimilarQuery& q) { q.user = "bob"; }), 3U);
  EXPECT_EQ(count([](SimilarQuery& q) { q.metadata = JsonText{R"({"lang":"en"})"}; }), 3U);
  EXPECT_EQ(count([&](SimilarQuery& q) {
              q.conversation = run(storage.messages().get(bobs[0]))->conversation_id;
            }),
            2U);
  const Timestamp since = run(storage.messages().get(bobs[0]))->created_at;
  EXPECT_EQ(count([&](SimilarQuery& q) { q.since = since + std::chrono::hours(1); }), 0U);
  EXPECT_EQ(count([&](SimilarQuery& q) { q.until = since + std::chrono::hours(1); }), 6U);
}

TEST_F(VectorStores, WhatIsErasedIsNotFound) {
  add_model();
  const auto ids = store_any(3);
  const auto conversation = run(storage.messages().get(ids[0]))->conversation_id;
  const storage::EmbeddingKey key{.model_id = model_id, .content_id = ids[1]};
  EXPECT_TRUE(run(store.get(key)));
  EXPECT_TRUE(run(store.erase(key)));
  EXPECT_THAT(run(store.search_similar(like(any_vector()))).hits, SizeIs(2));
  EXPECT_TRUE(run(storage.conversations().erase(conversation)));
  EXPECT_THAT(run(store.search_similar(like(any_vector()))).hits, IsEmpty());
}

TEST_F(VectorStores, ABatchIsAnsweredInItsOrder) {
  add_model();
  std::vector<Vector> vectors;
  for (int i = 0; i < 5; ++i) vectors.push_back(any_vector());
  const auto ids = store_messages(vectors);
  std::vector<SimilarQuery> queries;
  for (const Vector& each : vectors) queries.push_back(like(each, 1));
  const auto results = run(store.search_batch(queries));
  ASSERT_THAT(results, SizeIs(5));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_THAT(ids_of(results[i]), ElementsAre(ids[i]));
}

TEST_F(VectorStores, ManyAreFoundThroughTheIndexAndFewExactly) {
  add_model();
  store_any(4000, "common");
  store_any(20, "rare");
  add_hnsw();
  SimilarQuery query = like(any_vector());
  query.content_type = "message";
  const auto everywhere = run(store.search_similar(query));
  EXPECT_THAT(everywhere.index.value_or(""), HasSubstr("_near_"));
  EXPECT_THAT(everywhere.hits, SizeIs(10));
  EXPECT_THAT(run(store.explain(query))[0], HasSubstr("message: through embeddings_"));
  query.user = "rare";
  const auto rare = run(store.search_similar(query));
  EXPECT_EQ(rare.index, std::nullopt);
  EXPECT_THAT(rare.hits, SizeIs(10));
  EXPECT_THAT(run(store.explain(query))[0], HasSubstr("message: exactly"));
  query.way = Way::index;
  query.limit = 20;
  EXPECT_THAT(run(store.search_similar(query)).hits, SizeIs(20));  // an iterative scan goes on
}

TEST_F(VectorStores, AnIndexThatStopsTooEarlySaysSoOrIsLeftForTheExactWay) {
  add_model();
  store_any(4000, "common");
  store_any(20, "rare");
  add_hnsw();
  script("alter function run_similar set hnsw.max_scan_tuples = 1");
  SimilarQuery query = like(any_vector(), 20);
  query.content_type = "message";
  query.user = "rare";
  query.way = Way::index;
  const auto cut = run(store.search_similar(query));
  EXPECT_FALSE(cut.complete);
  EXPECT_LT(cut.hits.size(), 20U);
  // Told that comparing is dear, the automatic way begins with the index, too, and does not stay
  // there.
  script(
      "create or replace function exact_cost(rows double precision, dimensions integer) returns "
      "double precision "
      "language sql immutable as $$ select 1e9 $$");
  query.way = Way::automatic;
  const auto whole = run(store.search_similar(query));
  EXPECT_TRUE(whole.complete);
  EXPECT_EQ(whole.index, std::nullopt);
  EXPECT_THAT(whole.hits, SizeIs(20));
}

TEST_F(VectorStores, EveryKindOfIndexServes) {
  add_model();
  store_any(3000);
  for (const auto& [columns, values] : std::vector<std::pair<std::string, std::string>>{
           {"kind, storage, m, ef_construction, effort", "'hnsw', 'halfvec', 16, 64, 40"},
           {"kind, storage, m, ef_construction, effort, candidates",
            "'hnsw', 'bit', 16, 64, 40, 80"},
           {"kind, storage, lists, effort", "'ivfflat', 'vector', 50, 50"}}) {
    SCOPED_TRACE(values);
    script("update vector_indexes set status = 'retired'");
    const std::int32_t id = add_index(columns, values);
    int found = 0;
    for (int i = 0; i < 20; ++i) {
      SimilarQuery query = like(any_vector());
      query.content_type = "message";
      query.way = Way::exact;
      const auto truth = ids_of(run(store.search_similar(query)));
      query.way = Way::index;
      const auto result = run(store.search_similar(query));
      EXPECT_THAT(result.index.value_or(""), HasSubstr(std::format("_near_{}", id)));
      for (const Uuid& each : ids_of(result))
        found += static_cast<int>(std::ranges::count(truth, each));
    }
    EXPECT_GE(found, 160);  // of 200
  }
}

TEST_F(VectorStores, WhatIsNoQueryIsRefused) {
  add_model();
  const auto refused = [&](const std::function<void(SimilarQuery&)>& spoil) -> std::string {
    SimilarQuery query = like(any_vector());
    spoil(query);
    try {
      (void)run(store.search_similar(query));
    } catch (const Error& error) {
      return error.what();
    }
    return "found";
  };
  EXPECT_THAT(refused([](SimilarQuery& q) { q.limit = 0; }), HasSubstr("1 to 1000"));
  EXPECT_THAT(refused([](SimilarQuery& q) { q.effort = 0; }), HasSubstr("effort"));
  EXPECT_THAT(refused([](SimilarQuery& q) { q.content_type = "tool"; }), HasSubstr("\"tool\""));
  EXPECT_THAT(refused([](SimilarQuery& q) { q.vector.values.assign(16, 0); }), HasSubstr("zero"));
  EXPECT_THAT(refused([](SimilarQuery& q) { q.vector.values[3] = NAN; }), HasSubstr("NaN"));
  EXPECT_THAT(refused([](SimilarQuery& q) { q.vector.values.pop_back(); }),
              HasSubstr("15 dimensions"));
  EXPECT_THAT(refused([](SimilarQuery& q) { q.model_id = 99; }), HasSubstr("99 is not known"));
}

TEST_F(VectorStores, AnotherTenantFindsNothing) {
  add_model();
  store_any(3);
  storage::PostgresStorage other(runtime.executor(), options(test::other_tenant()));
  EXPECT_THAT(run(VectorStore(other).search_similar(like(any_vector()))).hits, IsEmpty());
}

}  // namespace
}  // namespace loci::vector
