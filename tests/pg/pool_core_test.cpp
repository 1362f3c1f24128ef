#include "pg/pool_core.hpp"

#include <gtest/gtest.h>

namespace loci::pg {
namespace {

using Answer = PoolCore::Answer;

// A connection was opened: who gets it.
std::optional<PoolCore::Waiter> opened(PoolCore& core) {
  core.opened();
  return core.returned();
}

// A core with `count` connections leased to waiters 1 to count.
PoolCore with_leased(int max, int count) {
  PoolCore core({.max = max, .connecting = max});
  for (int i = 1; i <= count; ++i) {
    (void)core.acquire(static_cast<PoolCore::Waiter>(i));
    (void)core.open_more();
    (void)opened(core);
  }
  return core;
}

TEST(PoolCore, LeasesAnIdleConnectionAtOnce) {
  PoolCore core = with_leased(1, 1);
  EXPECT_EQ(core.returned(), std::nullopt);
  EXPECT_EQ(core.idle(), 1);
  EXPECT_EQ(core.acquire(2), Answer::take_idle);
  EXPECT_EQ(core.idle(), 0);
  EXPECT_EQ(core.leased(), 1);
}

TEST(PoolCore, StarvesWhoWaitsWhileNoneIsToBeOpened) {
  PoolCore core({.max = 2, .connecting = 1});
  EXPECT_EQ(core.acquire(1), Answer::wait);
  EXPECT_TRUE(core.starving()) << "after a failure none is opened for a while";
  EXPECT_EQ(core.acquire(2), Answer::wait);
  EXPECT_EQ(core.open_more(), 1);
  EXPECT_FALSE(core.starving()) << "the second follows the first";
  EXPECT_EQ(core.acquire(3), Answer::wait);
  EXPECT_TRUE(core.starving()) << "the pool does not grow to three";
}

TEST(PoolCore, GivesTheOldestWaiterTheReturnedConnection) {
  PoolCore core = with_leased(1, 1);
  EXPECT_EQ(core.acquire(10), Answer::wait);
  EXPECT_EQ(core.acquire(11), Answer::wait);
  EXPECT_EQ(core.returned(), 10U);
  EXPECT_EQ(core.leased(), 1);
  EXPECT_EQ(core.returned(), 11U);
  EXPECT_EQ(core.returned(), std::nullopt);
}

TEST(PoolCore, GivesTheOldestWaiterTheNewConnection) {
  PoolCore core({.max = 2, .connecting = 2});
  EXPECT_EQ(core.acquire(1), Answer::wait);
  EXPECT_EQ(core.acquire(2), Answer::wait);
  EXPECT_EQ(core.open_more(), 2);
  EXPECT_EQ(opened(core), 1U);
  EXPECT_EQ(opened(core), 2U);
}

TEST(PoolCore, OpensAsManyAsAreWaitedForAndNotYetOpening) {
  PoolCore core({.max = 10, .connecting = 10});
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
  PoolCore core({.max = 5, .floor = 3, .connecting = 5});
  EXPECT_EQ(core.open_more(), 3);
  EXPECT_EQ(opened(core), std::nullopt);
  EXPECT_EQ(core.idle(), 1);
}

TEST(PoolCore, MakesUpForALostConnectionOfItsMinimum) {
  PoolCore core({.max = 5, .floor = 1, .connecting = 5});
  EXPECT_EQ(core.open_more(), 1);
  (void)opened(core);
  EXPECT_EQ(core.acquire(1), Answer::take_idle);
  core.lease_lost();
  EXPECT_EQ(core.open_more(), 1);
}

TEST(PoolCore, OpensAgainAfterAFailureWhileSomeoneWaits) {
  PoolCore core({.max = 5, .connecting = 5});
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
  EXPECT_EQ(core.drop_oldest(10), std::nullopt) << "it came later";
  EXPECT_EQ(core.drop_oldest(11), 10U);
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

// Whose idle connection proved dead comes back with the number he had.
TEST(PoolCore, AnOlderCallerStandsBeforeThoseWhoQueuedMeanwhile) {
  PoolCore core({.max = 1, .connecting = 1});
  for (const PoolCore::Waiter waiter : {2U, 4U, 1U, 3U}) {
    EXPECT_EQ(core.acquire(waiter), Answer::wait);
  }
  EXPECT_TRUE(core.forget(3));
  (void)core.open_more();
  EXPECT_EQ(opened(core), 1U);
  EXPECT_TRUE(core.forget(4));
  EXPECT_EQ(core.returned(), 2U);
  EXPECT_EQ(core.returned(), std::nullopt);
}

TEST(PoolCore, OpensNothingOnceClosed) {
  PoolCore core({.max = 5, .floor = 2, .connecting = 5});
  (void)core.acquire(1);
  core.close();
  EXPECT_EQ(core.open_more(), 0);
}

TEST(PoolCore, ConnectsNoMoreAtOnceThanAllowed) {
  PoolCore core({.max = 10, .connecting = 2});
  for (PoolCore::Waiter waiter = 1; waiter <= 5; ++waiter) (void)core.acquire(waiter);
  EXPECT_EQ(core.open_more(), 2);
  EXPECT_EQ(core.wanted(), 0);
  (void)opened(core);
  EXPECT_EQ(core.open_more(), 1);
}

TEST(PoolCore, RefusesAWaiterAboveTheCapAndTakesOneAgainLater) {
  PoolCore core({.max = 1, .connecting = 1, .max_waiters = 2});
  EXPECT_EQ(core.acquire(1), Answer::wait);
  EXPECT_EQ(core.acquire(2), Answer::wait);
  EXPECT_EQ(core.acquire(3), Answer::refused);
  EXPECT_EQ(core.waiting(), 2);
  (void)core.open_more();
  EXPECT_EQ(opened(core), 1U);
  EXPECT_EQ(core.acquire(4), Answer::wait);
}

TEST(PoolCore, ThoseBesideTheQueueCountAsWaitingButWantNoConnectionEach) {
  PoolCore core({.max = 9, .connecting = 9, .max_waiters = 3});
  EXPECT_EQ(core.acquire(1), Answer::wait);  // for all of them
  for (int waiting = 1; waiting <= 3; ++waiting) {
    EXPECT_TRUE(core.join_beside());
    EXPECT_EQ(core.waiting(), waiting);
  }
  EXPECT_FALSE(core.join_beside());
  EXPECT_EQ(core.acquire(2), Answer::refused);
  EXPECT_EQ(core.open_more(), 1);
  core.leave_beside();
  EXPECT_EQ(core.acquire(3), Answer::wait);
}

TEST(PoolCore, OneBesideTheQueueIsNotRefusedForTheConnectionHeIsToGet) {
  PoolCore core({.max = 1, .connecting = 1, .max_waiters = 1});
  EXPECT_EQ(core.acquire(1), Answer::wait);
  EXPECT_TRUE(core.join_beside());
  EXPECT_FALSE(core.join_beside());
}

TEST(PoolCore, AProbedConnectionIsNobodysUntilItIsBack) {
  PoolCore core = with_leased(1, 1);
  (void)core.returned();
  core.take_idle();
  EXPECT_EQ(core.acquire(7), Answer::wait);
  EXPECT_EQ(core.returned(), 7U);
}

TEST(PoolCore, CountsEveryConnectionOnce) {
  PoolCore core = with_leased(3, 2);
  (void)core.acquire(9);
  (void)core.open_more();
  EXPECT_EQ(core.opening(), 1);
  EXPECT_EQ(core.leased(), 2);
  (void)opened(core);
  EXPECT_EQ(core.leased(), 3);
  (void)core.returned();
  core.lease_lost();
  core.take_idle();
  EXPECT_EQ(core.leased(), 2);
  core.lease_lost();
  EXPECT_EQ(core.total(), 1);
}

}  // namespace
}  // namespace loci::pg
