#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <loci/vector/distribution.hpp>
#include <loci/vector/index_plan.hpp>
#include <random>

namespace loci::vector {
namespace {

using testing::Each;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(IndexPlan, ListsAreTheSquareRootWithinBounds) {
  EXPECT_EQ(calculate_optimal_lists(0), 64);
  EXPECT_EQ(calculate_optimal_lists(4096), 64);
  EXPECT_EQ(calculate_optimal_lists(250'000), 500);
  EXPECT_EQ(calculate_optimal_lists(1'000'000), 1000);
  EXPECT_EQ(calculate_optimal_lists(90'000'000), 1000);
}

TEST(IndexPlan, StorageFitsTheDimensions) {
  const auto storages = [](std::int32_t dimensions) {
    std::vector<IndexStorage> all;
    for (const IndexConfig& each : index_candidates({}, 100'000, dimensions))
      all.push_back(each.storage);
    return all;
  };
  EXPECT_THAT(storages(384), testing::Contains(IndexStorage::vector));
  EXPECT_THAT(storages(384), testing::Contains(IndexStorage::halfvec));
  EXPECT_THAT(storages(3072), Each(IndexStorage::halfvec));
  EXPECT_THAT(storages(5000), Each(IndexStorage::bit));
}

TEST(IndexPlan, EachCandidateIsOneThatPgvectorTakes) {
  for (const std::int32_t dimensions : {3, 384, 1536, 3072, 8000}) {
    for (const IndexConfig& each :
         index_candidates({.max_memory = 1'000'000}, 50'000, dimensions)) {
      EXPECT_GE(each.ef_construction, 2 * each.m);
      for (const std::int32_t effort : efforts_to_try(each))
        EXPECT_THAT(effort, testing::AllOf(testing::Ge(1), testing::Le(1000)));
    }
  }
}

TEST(IndexPlan, KeepsWithinTheMemoryThatIsAllowed) {
  const auto fitting = index_candidates({.max_memory = 60'000'000}, 100'000, 384);
  ASSERT_THAT(fitting, Not(IsEmpty()));
  for (const IndexConfig& each : fitting)
    EXPECT_LE(predicted_bytes(each, 100'000, 384), 60'000'000U);
  // Nothing is that small: then the smallest there is.
  EXPECT_THAT(index_candidates({.max_memory = 1}, 100'000, 384),
              testing::ElementsAre(Field(&IndexConfig::storage, IndexStorage::bit)));
}

TEST(IndexPlan, HalfVectorsTakeSevenTenthsOfWholeOnes) {
  const IndexConfig whole{.storage = IndexStorage::vector};
  const IndexConfig half{.storage = IndexStorage::halfvec};
  EXPECT_LT(static_cast<double>(predicted_bytes(half, 100'000, 384)),
            0.7 * static_cast<double>(predicted_bytes(whole, 100'000, 384)));
}

TEST(IndexPlan, AnIvfflatIndexTakesTheListsThatWereSet) {
  const auto set = index_candidates({.kind = IndexKind::ivfflat, .lists = 77}, 100'000, 384);
  ASSERT_THAT(set, SizeIs(1));
  EXPECT_EQ(set[0].lists, 77);
  EXPECT_EQ(index_candidates({.kind = IndexKind::ivfflat}, 100'000, 384)[0].lists, 316);
  EXPECT_EQ(efforts_to_try(set[0]).back(), 77);
}

Trial trial(std::int32_t m, double recall, double search_us, double build_us) {
  return {.config = {.m = m}, .recall = recall, .search_us = search_us, .build_us = build_us};
}

TEST(IndexPlan, TakesTheQuickestThatReachesMoreThanTheTargetAsked) {
  const std::vector all{trial(8, 0.96, 100, 1), trial(16, 0.992, 300, 1), trial(24, 0.995, 200, 1)};
  EXPECT_EQ(best_trial(all, {.target_recall = 0.95}, 10'000, 10'000)->config.m, 24);
}

TEST(IndexPlan, OfTheAsQuickTakesTheOneThatIsBuiltForLess) {
  const std::vector all{trial(16, 0.999, 200, 900), trial(24, 0.999, 204, 300)};
  EXPECT_EQ(best_trial(all, {}, 10'000, 10'000)->config.m, 24);
}

TEST(IndexPlan, WithoutAnyThatReachesItTakesTheBestRecall) {
  const std::vector all{trial(8, 0.5, 100, 1), trial(16, 0.8, 300, 1)};
  EXPECT_EQ(best_trial(all, {}, 10'000, 10'000)->config.m, 16);
  EXPECT_EQ(best_trial({}, {}, 10'000, 10'000), std::nullopt);
}

TEST(IndexPlan, LeavesOutWhatWouldNotBeBuiltInTime) {
  const std::vector all{trial(8, 0.999, 300, 50), trial(16, 0.999, 100, 1000)};
  const IndexGoal hurried{.max_build_time = std::chrono::seconds(60)};
  EXPECT_EQ(best_trial(all, hurried, 10'000, 100'000)->config.m, 8);
  EXPECT_GT(predicted_build_time(all[1], 10'000, 100'000), std::chrono::seconds(100));
  EXPECT_EQ(best_trial(all, {.max_build_time = std::chrono::seconds(1)}, 10'000, 100'000),
            std::nullopt);
}

TEST(Distribution, OfNothingIsNothing) {
  EXPECT_EQ(analyze_distribution({}).count, 0U);
}

TEST(Distribution, SeesLengthsDuplicatesAndClusters) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::vector<Vector> sample;
  for (int i = 0; i < 300; ++i) {  // three places, far from each other
    Vector each{{normal(random) / 50, normal(random) / 50, normal(random) / 50}};
    each.values[static_cast<std::size_t>(i % 3)] += 2;
    sample.push_back(each);
  }
  sample.push_back(sample[0]);
  const Distribution found = analyze_distribution(sample);
  EXPECT_EQ(found.count, 301U);
  EXPECT_EQ(found.dimensions, 3U);
  EXPECT_NEAR(found.mean_norm, 2, 0.05);
  EXPECT_NEAR(found.duplicates, 2.0 / 301, 1e-9);
  EXPECT_GT(found.cohesion, 0.99);
  EXPECT_GE(found.clusters, 2.9);
}

}  // namespace
}  // namespace loci::vector
