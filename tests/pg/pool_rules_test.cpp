// When connections go and when they are tried again, on a clock that stands still.
#include <gtest/gtest.h>
#include <thread>

#include <loci/pg/pool_options.hpp>

#include "pg/head_pace.hpp"
#include "pg/reconnect_backoff.hpp"
#include "pg/slow_shrink.hpp"
#include "pg/tenure.hpp"

namespace loci::pg {
namespace {

using namespace std::chrono_literals;

const Tenure::Clock::time_point k_noon{1'000'000s};

TEST(Tenure, AChanceShareOfTheJitterIsCutOffALifetime) {
  const auto begun = [](std::chrono::milliseconds jitter, double chance) {
    return Tenure::begun(k_noon, 1h, jitter, chance, 1);
  };
  EXPECT_FALSE(begun(6min, 0).expired(k_noon + 1h - 1ms));
  EXPECT_TRUE(begun(6min, 0).expired(k_noon + 1h));
  EXPECT_FALSE(begun(6min, 0.5).expired(k_noon + 57min - 1ms));
  EXPECT_TRUE(begun(6min, 0.5).expired(k_noon + 57min));
  EXPECT_FALSE(begun(0ms, 0.999).expired(k_noon + 1h - 1ms));
  EXPECT_TRUE(begun(1h, 0.999).expired(k_noon + 1min));
}

TEST(Tenure, ALifetimeOfZeroNeverEnds) {
  EXPECT_FALSE(Tenure::begun(k_noon, 0ms, 0ms, 0.5, 1).expired(k_noon + 24h * 365));
}

TEST(ReconnectBackoff, TheLimitDoublesUpToTheCap) {
  ReconnectBackoff backoff(1s);
  Tenure::Clock::time_point now = k_noon;
  for (const auto pause : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    backoff.failed(now, 0.5);
    EXPECT_EQ(backoff.until() - now, pause / 2);
    now = backoff.until();
  }
}

TEST(ReconnectBackoff, FailuresOfOneRoundCountOnce) {
  ReconnectBackoff backoff(1s);
  backoff.failed(k_noon, 0.9);
  backoff.failed(k_noon + 1ms, 0.9);
  EXPECT_EQ(backoff.until() - k_noon, 90ms);
}

TEST(ReconnectBackoff, ASuccessEndsIt) {
  ReconnectBackoff backoff(1s);
  backoff.failed(k_noon, 0.5);
  backoff.failed(k_noon + 1s, 0.5);
  backoff.succeeded();
  EXPECT_LE(backoff.until(), k_noon);
  backoff.failed(k_noon, 0.5);
  EXPECT_EQ(backoff.until() - k_noon, 50ms);
}

TEST(ReconnectBackoff, YearsOfFailureDoNotOverflow) {
  ReconnectBackoff backoff(10s);
  Tenure::Clock::time_point now = k_noon;
  for (int i = 0; i < 100; ++i) {
    backoff.failed(now, 0.99);
    EXPECT_GT(backoff.until(), now);
    EXPECT_LE(backoff.until() - now, 10s);
    now = backoff.until();
  }
}

TEST(SlowShrink, BelowThePeakOneGoesInEachRound) {
  SlowShrink shrink(2);
  shrink.needed(6);
  EXPECT_EQ(shrink.round(6, 6), 1);
  EXPECT_EQ(shrink.round(5, 5), 1);
  EXPECT_EQ(shrink.round(4, 4), 1);
  EXPECT_EQ(shrink.round(3, 3), 1);
  EXPECT_EQ(shrink.round(2, 2), 0) << "below the minimum";
}

TEST(SlowShrink, WhatWasNeverNeededGoesAtOnce) {
  SlowShrink shrink(1);
  shrink.needed(3);
  EXPECT_EQ(shrink.round(10, 10), 8);
  EXPECT_EQ(shrink.round(2, 2), 1);
}

TEST(SlowShrink, OnlyWhatIsIdleTooLongGoes) {
  SlowShrink shrink(0);
  EXPECT_EQ(shrink.round(5, 0), 0);
  EXPECT_EQ(shrink.round(5, 2), 2);
}

TEST(SlowShrink, ANewPeakCountsAgain) {
  SlowShrink shrink(0);
  shrink.needed(4);
  EXPECT_EQ(shrink.round(4, 4), 1);
  shrink.needed(4);
  EXPECT_EQ(shrink.round(6, 6), 3);
}

TEST(HeadPace, ATenthOfASecondIsTooLongOnAFreshConnection) {
  EXPECT_EQ(HeadPace().too_long(), 100ms);
}

TEST(HeadPace, WhereAnswersComeAtOnceTenMillisecondsAreTooLong) {
  HeadPace pace;
  for (int i = 0; i < 20; ++i) pace.answered_after(100us);
  EXPECT_EQ(pace.too_long(), 10ms);
}

TEST(HeadPace, ASlowNetworkIsGivenFourTimesItsOwnTime) {
  HeadPace pace;
  for (int i = 0; i < 100; ++i) pace.answered_after(40ms);
  EXPECT_GT(pace.too_long(), 155ms);
  EXPECT_LE(pace.too_long(), 160ms);
}

TEST(HeadPace, AStatementOfHoursIsForgottenSoon) {
  HeadPace pace;
  pace.answered_after(3h);
  EXPECT_LE(pace.too_long(), 200ms);
}

TEST(OptimizePool, SizesFollowTheServersCores) {
  const PoolOptions made = optimize_pool({.conninfo = "host=/tmp"}, {.server_cores = 16});
  EXPECT_EQ(made.conninfo, "host=/tmp");
  EXPECT_EQ(made.max_connections, 33);
  EXPECT_EQ(made.min_connections, 8);
  EXPECT_EQ(made.max_lifetime, PoolOptions{}.max_lifetime);
}

TEST(OptimizePool, TheSmallestServerGetsAPoolToo) {
  const PoolOptions made = optimize_pool({}, {.server_cores = 1});
  EXPECT_EQ(made.max_connections, 3);
  EXPECT_EQ(made.min_connections, 1);
}

TEST(OptimizePool, WithoutCoresItTakesThisMachines) {
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  EXPECT_EQ(optimize_pool({}).max_connections, std::max(cores, 1) * 2 + 1);
}

TEST(OptimizePool, HighThroughputMeansShortLifetimes) {
  const PoolOptions made = optimize_pool({}, {.server_cores = 4, .high_throughput = true});
  EXPECT_LT(made.max_lifetime, PoolOptions{}.max_lifetime);
  EXPECT_LT(made.max_idle_time, PoolOptions{}.max_idle_time);
}

}  // namespace
}  // namespace loci::pg
