#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <loci/vector/recall.hpp>
#include <random>
#include <vector>

#include "vector/query_sample.hpp"

namespace loci::vector {
namespace {

TEST(Recall, CountsWhatIsAsNearAsTheLastOfTheTruth) {
  const std::vector<double> truth{0.9, 0.8, 0.7};
  EXPECT_EQ(share_found(truth, truth), 1);
  EXPECT_NEAR(share_found(truth, std::vector{0.9, 0.8, 0.6}), 2.0 / 3, 1e-9);
  EXPECT_EQ(share_found(truth, std::vector{0.9, 0.7, 0.7}), 1);  // another of the same distance
  EXPECT_EQ(share_found(truth, std::vector<double>{}), 0);
  EXPECT_EQ(share_found({}, std::vector<double>{}), 1);
}

TEST(Recall, KnowsNothingWithoutQueries) {
  const RecallEstimate none = estimate_recall({});
  EXPECT_EQ(none.low, 0);
  EXPECT_EQ(none.high, 1);
}

TEST(Recall, AllFoundIsNotCertainty) {
  const RecallEstimate all = estimate_recall(std::vector<double>(50, 1.0));
  EXPECT_EQ(all.recall, 1);
  EXPECT_EQ(all.high, 1);
  EXPECT_LT(all.low, 0.95);
  EXPECT_GT(all.low, 0.85);
}

// Most queries find all, a few find little: as searches through a graph do.
double some_recall(std::mt19937& random, double hard) {
  const double draw = std::uniform_real_distribution<double>()(random);
  if (draw < hard) return std::uniform_int_distribution<int>(0, 7)(random) / 10.0;
  if (draw < 3 * hard) return 0.9;
  return 1.0;
}

TEST(Recall, TheIntervalOfFiftyQueriesHoldsTheTruthInNinetyFiveOfAHundredSamples) {
  std::mt19937 random(11);
  for (const double hard : {0.02, 0.05, 0.1, 0.25}) {
    double truth = 0;
    constexpr int k_many = 400'000;
    for (int i = 0; i < k_many; ++i) truth += some_recall(random, hard) / k_many;
    int held = 0;
    constexpr int k_trials = 2000;
    for (int trial = 0; trial < k_trials; ++trial) {
      std::vector<double> shares;
      for (int i = 0; i < 50; ++i) shares.push_back(some_recall(random, hard));
      const RecallEstimate seen = estimate_recall(shares);
      held += seen.low <= truth && truth <= seen.high ? 1 : 0;
      EXPECT_LE(seen.low, seen.recall);
      EXPECT_GE(seen.high, seen.recall);
    }
    EXPECT_GE(held, k_trials * 95 / 100) << "truth " << truth;
  }
}

double cosine(const Vector& a, const Vector& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    ab += a.values[i] * b.values[i];
    aa += a.values[i] * a.values[i];
    bb += b.values[i] * b.values[i];
  }
  return ab / std::sqrt(aa * bb);
}

TEST(QuerySample, TurnsAsFarAsTheNearestIsInTheDirectionOfAnother) {
  const Vector stored{{2, 0, 0}};
  const Vector nearest{{1, 0, 1}};
  const Vector other{{0, 5, 0}};
  const Vector made = turned_towards(stored, nearest, other);
  EXPECT_NEAR(cosine(made, stored), cosine(nearest, stored), 1e-6);
  EXPECT_NEAR(made.values[2], 0, 1e-6);
  EXPECT_GT(made.values[1], 0);
  EXPECT_NEAR(std::hypot(made.values[0], made.values[1]), 2, 1e-5);
}

TEST(QuerySample, DoesNotTurnPastTheOtherNorWithoutADirection) {
  const Vector stored{{1, 0}};
  EXPECT_NEAR(cosine(turned_towards(stored, Vector{{-1, 1}}, Vector{{1, 1}}), Vector{{1, 1}}), 1,
              1e-6);
  EXPECT_EQ(turned_towards(stored, Vector{{0, 1}}, stored).values, stored.values);
  EXPECT_EQ(turned_towards(stored, Vector{{0, 1}}, Vector{{-1, 0}}).values, stored.values);
}

}  // namespace
}  // namespace loci::vector
