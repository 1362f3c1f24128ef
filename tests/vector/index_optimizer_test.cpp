#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <format>
#include <loci/vector/index_history.hpp>
#include <loci/vector/index_optimizer.hpp>
#include <loci/vector/vector_store.hpp>

#include "vector/stored_vectors.hpp"

namespace loci::vector {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct IndexOptimizers : testing::Test, test::StoredVectors {
  OptimizerOptions small() {
    OptimizerOptions options;
    options.trial_rows = 500;
    options.trial_queries = 10;
    options.measure_queries = 15;
    return options;
  }
  std::int64_t indexes_there() {
    return number(
        "select count(*) from pg_indexes where tablename like 'embeddings\\_%' and indexdef ~ "
        "'hnsw|ivfflat'");
  }
};

TEST_F(IndexOptimizers, FewVectorsNeedNoIndex) {
  add_model();
  store_any(50);
  const OptimizeReport report = run(IndexOptimizer(storage).optimize_index(model_id, {}));
  EXPECT_EQ(report.outcome, IndexOutcome::exact_is_enough);
  EXPECT_THAT(report.reason, HasSubstr("50 vectors"));
  EXPECT_EQ(indexes_there(), 0);
}

TEST_F(IndexOptimizers, BuildsWhatReachesTheTargetAndTakesThePlaceOfTheFormer) {
  add_model();
  store_any(4500);
  IndexOptimizer optimizer(storage, small());
  const OptimizeReport first = run(optimizer.optimize_index(model_id, {.target_recall = 0.9}));
  ASSERT_EQ(first.outcome, IndexOutcome::built) << first.reason;
  EXPECT_THAT(first.trials, testing::Not(IsEmpty()));
  EXPECT_EQ(first.index->status, "serving");
  EXPECT_EQ(first.index->rows_at_build, 4500);
  EXPECT_GE(first.index->recall.value(), 0.9);
  SimilarQuery query = like(any_vector());
  query.content_type = "message";
  EXPECT_EQ(run(store.search_similar(query)).index, first.index->name);

  const OptimizeReport second = run(optimizer.optimize_index(model_id, {.target_recall = 0.97}));
  ASSERT_EQ(second.outcome, IndexOutcome::built) << second.reason;
  EXPECT_NE(second.index->name, first.index->name);
  EXPECT_EQ(run(store.search_similar(query)).index, second.index->name);
  EXPECT_EQ(indexes_there(), 1);
  EXPECT_THAT(run(optimizer.indexes(model_id)), SizeIs(1));
}

TEST_F(IndexOptimizers, WhatDoesNotReachTheTargetDoesNotServe) {
  add_model("cosine", 8);
  // All numbers positive: their signs, which alone such a small index holds, tell nothing apart.
  std::vector<Vector> vectors;
  for (int i = 0; i < 4000; ++i) {
    Vector each;
    for (int d = 0; d < 8; ++d) each.values.push_back(1.0F + any_vector(1).values[0] / 10);
    vectors.push_back(std::move(each));
  }
  store_messages(std::move(vectors));
  script(
      std::format("update embedding_models set dimensions = dimensions where id = {}", model_id));
  IndexGoal goal{.target_recall = 0.9, .max_memory = 1};
  const OptimizeReport report =
      run(IndexOptimizer(storage, small()).optimize_index(model_id, goal));
  EXPECT_EQ(report.outcome, IndexOutcome::missed) << report.reason;
  EXPECT_EQ(report.index, std::nullopt);
  EXPECT_EQ(indexes_there(), 0);
}

TEST_F(IndexOptimizers, CancelledWhileBuildingItLeavesNothingBehind) {
  add_model();
  store_any(4500);
  std::atomic<bool> building{false};
  OptimizerOptions options = small();
  options.on_progress = [&](const IndexProgress& progress) {
    if (progress.step.starts_with("building")) building = true;
  };
  options.cancelled = [&] { return building.load(); };
  IndexGoal goal{.target_recall = 0.99};
  try {
    (void)run(IndexOptimizer(storage, options).optimize_index(model_id, goal));
    GTEST_SKIP() << "the index was built before anybody looked";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled) << error.what();
  }
  EXPECT_EQ(indexes_there(), 0);
  EXPECT_THAT(run(IndexOptimizer(storage).indexes(model_id)), IsEmpty());
  options.cancelled = nullptr;
  EXPECT_EQ(run(IndexOptimizer(storage, options).optimize_index(model_id, {.target_recall = 0.9}))
                .outcome,
            IndexOutcome::built);
}

TEST_F(IndexOptimizers, WhatAKilledBuilderLeftIsCleanedUp) {
  add_model();
  store_any(100);
  const std::int32_t serving = add_hnsw();
  script(std::format(
      "insert into vector_indexes (model_id, kind, storage, m, ef_construction, effort) "
      "values ({}, 'hnsw', 'halfvec', 16, 64, 40)",
      model_id));
  EXPECT_EQ(run(IndexOptimizer(storage).clean_up(model_id)), 1);
  const auto left = run(IndexOptimizer(storage).indexes(model_id));
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].id, serving);
}

TEST_F(IndexOptimizers, OneAtATime) {
  add_model();
  store_any(100);
  auto lease = run(storage.pool().acquire(test::soon()));
  (void)run(lease.run(queries::TryIndexLock{.model_id = model_id}, test::soon()));
  try {
    (void)run(IndexOptimizer(storage).optimize_index(model_id, {}));
    FAIL() << "two at once";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("somebody else"));
  }
}

TEST_F(IndexOptimizers, RetuningFindsTheLeastEffortThatReachesTheTarget) {
  add_model();
  store_any(4500);
  add_hnsw();
  IndexOptimizer optimizer(storage, small());
  const auto low = run(optimizer.retune(model_id, {.target_recall = 0.5}));
  const auto high = run(optimizer.retune(model_id, {.target_recall = 0.995}));
  ASSERT_TRUE(low && high);
  EXPECT_LT(low->effort, high->effort);
  EXPECT_EQ(run(optimizer.indexes(model_id))[0].config.effort, high->effort);
  const auto decisions = run(index_history(storage, model_id, 10));
  ASSERT_THAT(decisions, SizeIs(2));
  EXPECT_EQ(decisions[0].action, "retuned");
  EXPECT_THAT(decisions[0].reason, HasSubstr(std::format("effort {}", high->effort)));
  const auto again = run(optimizer.measure_recall(model_id, 10, 40));
  EXPECT_EQ(again.effort, high->effort);
  EXPECT_GE(again.estimate.high, 0.99);
}

TEST_F(IndexOptimizers, SaysWhatVectorsAreLike) {
  add_model();
  store_any(200);
  const Distribution found = run(IndexOptimizer(storage).analyze_distribution(model_id));
  EXPECT_EQ(found.count, 200U);
  EXPECT_EQ(found.dimensions, 16U);
  EXPECT_GT(found.mean_norm, found.least_norm);
}

}  // namespace
}  // namespace loci::vector
