#include "loci_bench/histogram.hpp"

#include <gtest/gtest.h>

namespace loci::bench {
namespace {

using std::chrono::nanoseconds;

TEST(Histogram, GivesQuantilesToWithinABucket) {
  Histogram histogram;
  for (int i = 1; i <= 100'000; ++i) histogram.record(nanoseconds(i * 1000));
  EXPECT_NEAR(histogram.quantile(0.50), 50'000, 50'000 * 0.008 + 1);
  EXPECT_NEAR(histogram.quantile(0.99), 99'000, 99'000 * 0.008 + 1);
  EXPECT_EQ(histogram.total(), 100'000U);
}

TEST(Histogram, IsExactForTheShortest) {
  Histogram histogram;
  for (int i = 0; i < 100; ++i) histogram.record(nanoseconds(i));
  EXPECT_DOUBLE_EQ(histogram.quantile(0.50), 0.050);
  EXPECT_DOUBLE_EQ(histogram.quantile(1.00), 0.099);
}

TEST(Histogram, CountsWhatIsOutOfRangeAtItsEnds) {
  Histogram histogram;
  histogram.record(nanoseconds(-1));
  histogram.record(std::chrono::hours(1));
  EXPECT_EQ(histogram.total(), 2U);
  EXPECT_DOUBLE_EQ(histogram.quantile(0.0), 0);
  EXPECT_NEAR(histogram.quantile(1.0), 137.4e6, 1.1e6);
}

TEST(Histogram, AddsUpThoseOfAllClients) {
  Histogram all;
  for (const int microseconds : {10, 10, 10, 1000}) {
    Histogram one;
    one.record(std::chrono::microseconds(microseconds));
    all.add(one);
  }
  EXPECT_EQ(all.total(), 4U);
  EXPECT_NEAR(all.quantile(0.5), 10, 0.1);
  EXPECT_NEAR(all.quantile(0.99), 1000, 8);
}

TEST(Histogram, IsZeroWhenNothingWasRecorded) {
  EXPECT_DOUBLE_EQ(Histogram().quantile(0.5), 0);
}

}  // namespace
}  // namespace loci::bench
