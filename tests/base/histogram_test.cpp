#include <loci/base/histogram.hpp>

#include <gtest/gtest.h>

namespace loci {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

TEST(Histogram, AnEmptyOneKnowsNothing) {
  const Histogram none;
  EXPECT_EQ(none.count(), 0U);
  EXPECT_EQ(none.quantile(0.5), 0us);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram seen;
  for (const auto value : {1us, 2us, 3us, 7us}) seen.record(value);
  EXPECT_EQ(seen.quantile(0.25), 1us);
  EXPECT_EQ(seen.quantile(0.5), 2us);
  EXPECT_EQ(seen.quantile(1), 7us);
  EXPECT_EQ(seen.sum(), 13us);
}

TEST(Histogram, EveryValueIsKnownWithinAnEighth) {
  for (std::int64_t value = 1; value < (std::int64_t{1} << 39); value = value * 9 / 7 + 1) {
    Histogram seen;
    seen.record(microseconds(value));
    const std::int64_t told = seen.quantile(0.5).count();
    EXPECT_GE(told, value);
    EXPECT_LE(told - value, value / 8);
  }
}

TEST(Histogram, AQuantileSplitsTheCounts) {
  Histogram seen;
  for (int i = 0; i < 99; ++i) seen.record(1ms);
  seen.record(1s);
  EXPECT_LT(seen.quantile(0.99), 2ms);
  EXPECT_GE(seen.quantile(0.995), 1s);
}

TEST(Histogram, WhatIsOutOfRangeCountsAtTheEnds) {
  Histogram seen;
  seen.record(-5s);
  EXPECT_EQ(seen.quantile(1), 0us);
  seen.record(24h * 365);
  EXPECT_GT(seen.quantile(1), 24h * 12);
  EXPECT_EQ(seen.count(), 2U);
}

TEST(Histogram, MergedOnesCountTogether) {
  Histogram one;
  Histogram other;
  one.record(1us);
  other.record(5us);
  one.merge(other);
  EXPECT_EQ(one.count(), 2U);
  EXPECT_EQ(one.sum(), 6us);
  EXPECT_EQ(one.quantile(1), 5us);
}

TEST(Histogram, CountsThoseBelowAPowerOfTwoExactly) {
  Histogram histogram;
  for (const auto value : {0us, 63us, 64us, 1023us, 1024us, 1025us}) histogram.record(value);
  EXPECT_EQ(histogram.count_below(0us), 0U);
  EXPECT_EQ(histogram.count_below(64us), 2U);
  EXPECT_EQ(histogram.count_below(1024us), 4U);
  EXPECT_EQ(histogram.count_below(1h), 6U);
}

}  // namespace
}  // namespace loci
