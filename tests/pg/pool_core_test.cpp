#include "pg/pool_core.hpp"

#include <gtest/gtest.h>

namespace loci::pg {
namespace {

// A core with `count` connections leased to waiters 1 to count.
PoolCore with_leased(int max, int count) {
  PoolCore core(max, 0);
  for (int i = 1; i <= count; ++i) {
    (void)core.acquire(static_cast<PoolCore::Waiter>(i));
    (void)core.open_more();
    (void)core.opened();
  }
  return core;
}

TEST(PoolCore, LeasesAnIdleConnectionAtOnce) {
  PoolCore core = with_leased(1, 1);
  EXPECT_EQ(core.returned(), std::nullopt);
  EXPECT_EQ(core.idle(), 1);
  EXPECT_TRUE(core.acquire(2));
  EXPECT_EQ(core.idle(), 0);
  EXPECT_EQ(core.leased(), 1);
}

TEST(PoolCore, GivesTheOldestWaiterTheReturnedConnection) {
  PoolCore core = with_leased(1, 1);
  EXPECT_FALSE(core.acquire(10));
  EXPECT_FALSE(core.acquire(11));
  EXPECT_EQ(core.returned(), 10U);
  EXPECT_EQ(core.leased(), 1);
  EXPECT_EQ(core.returned(), 11U);
  EXPECT_EQ(core.returned(), std::nullopt);
}

TEST(PoolCore, GivesTheOldestWaiterTheNewConnection) {
  PoolCore core(2, 0);
  EXPECT_FALSE(core.acquire(1));
  EXPECT_FALSE(core.acquire(2));
  EXPECT_EQ(core.open_more(), 2);
  EXPECT_EQ(core.opened(), 1U);
  EXPECT_EQ(core.opened(), 2U);
}

TEST(PoolCore, OpensAsManyAsAreWaitedForAndNotYetOpening) {
  PoolCore core(10, 0);
  (void)core.acquire(1);
  EXPECT_EQ(core.open_more(), 1);
  EXPECT_EQ(core.open_more(), 0);
  (void)core.acquire(2);
  (void)core.acquire(3);
  EXPECT_EQ(core.open_more(), 2);
}

TEST(PoolCore, NeverOpensMoreThanTheCap) {
  PoolCore core = with_leased(3, 2);
  for (PoolCore::Waiter waiter = 10; waiter < 20; ++waiter) (void)core.acquire(waiter);
  EXPECT_EQ(core.open_more(), 1);
  EXPECT_EQ(core.open_more(), 0);
  EXPECT_EQ(core.total(), 3);
}

TEST(PoolCore, OpensItsMinimumWithoutBeingAsked) {
  PoolCore core(5, 3);
  EXPECT_EQ(core.open_more(), 3);
  EXPECT_EQ(core.opened(), std::nullopt);
  EXPECT_EQ(core.idle(), 1);
}

TEST(PoolCore, MakesUpForALostConnectionOfItsMinimum) {
  PoolCore core(5, 1);
  EXPECT_EQ(core.open_more(), 1);
  (void)core.opened();
  EXPECT_TRUE(core.acquire(1));
  core.lease_lost();
  EXPECT_EQ(core.open_more(), 1);
}

TEST(PoolCore, OpensAgainAfterAFailureWhileSomeoneWaits) {
  PoolCore core(5, 0);
  (void)core.acquire(1);
  EXPECT_EQ(core.open_more(), 1);
  core.open_failed();
  EXPECT_EQ(core.total(), 0);
  EXPECT_EQ(core.open_more(), 1);
}

TEST(PoolCore, ForgetsAWaiterOnlyWhileItWaits) {
  PoolCore core = with_leased(1, 1);
  (void)core.acquire(10);
  (void)core.acquire(11);
  EXPECT_TRUE(core.forget(10));
  EXPECT_FALSE(core.forget(10));
  EXPECT_EQ(core.returned(), 11U);
  EXPECT_FALSE(core.forget(11));
}

TEST(PoolCore, DropsWaitersOldestFirst) {
  PoolCore core = with_leased(1, 1);
  (void)core.acquire(10);
  (void)core.acquire(11);
  EXPECT_EQ(core.drop_oldest(), 10U);
  EXPECT_EQ(core.drop_oldest(), 11U);
  EXPECT_EQ(core.drop_oldest(), std::nullopt);
}

TEST(PoolCore, KeepsTheQueueBehindAWaiterThatGaveUpInOrder) {
  PoolCore core = with_leased(1, 1);
  for (const PoolCore::Waiter waiter : {10U, 11U, 12U}) (void)core.acquire(waiter);
  EXPECT_TRUE(core.forget(11));
  EXPECT_EQ(core.returned(), 10U);
  EXPECT_EQ(core.returned(), 12U);
}

TEST(PoolCore, OpensNothingOnceClosed) {
  PoolCore core(5, 2);
  (void)core.acquire(1);
  core.close();
  EXPECT_EQ(core.open_more(), 0);
}

TEST(PoolCore, CountsEveryConnectionOnce) {
  PoolCore core = with_leased(3, 2);
  (void)core.acquire(9);
  (void)core.open_more();
  EXPECT_EQ(core.opening(), 1);
  EXPECT_EQ(core.leased(), 2);
  (void)core.opened();
  EXPECT_EQ(core.leased(), 3);
  (void)core.returned();
  core.lease_lost();
  core.idle_lost();
  EXPECT_EQ(core.total(), 1);
}

}  // namespace
}  // namespace loci::pg
