// A pool asked for more than it can give. Times are measured in bench/pool_bench.cpp.
#include <gtest/gtest.h>
#include <mutex>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::Running;
using test::soon;
using test::value;
using namespace std::chrono_literals;

// In which order callers were served.
class Order {
public:
  awaitable<int> join(Pool& pool, int number) {
    const Lease mine = co_await pool.acquire(soon());
    const std::scoped_lock lock(mutex_);
    served_.push_back(number);
    co_return number;
  }
  [[nodiscard]] std::vector<int> served() const { return served_; }

private:
  std::mutex mutex_;
  std::vector<int> served_;
};

TEST(PoolOverload, ThoseAboveTheCapAreRefusedAtOnceAndTheQueueIsServedInOrder) {
  constexpr int waiters = 20;
  Database db({.max_connections = 1, .max_waiters = waiters}, 2);
  std::optional<Lease> held = db.run(db.pool.acquire(soon()));
  Order order;
  std::vector<std::unique_ptr<Running<int>>> running;
  for (int i = 0; i < waiters; ++i) {
    running.push_back(std::make_unique<Running<int>>(db.runtime, order.join(db.pool, i)));
    ASSERT_TRUE(eventually([&] { return db.pool.statistics().waiting == i + 1; }));
  }
  for (int i = 0; i < 2 * waiters; ++i) {
    const Error error = error_of([&] { return db.run(db.pool.acquire(soon())); });
    EXPECT_EQ(error.kind(), ErrorKind::pool_timeout);
    EXPECT_THAT(error.what(), testing::HasSubstr("refused at once"));
  }
  held.reset();
  for (auto& each : running) (void)each->get();
  std::vector<int> in_order(waiters);
  for (int i = 0; i < waiters; ++i) in_order[static_cast<std::size_t>(i)] = i;
  EXPECT_EQ(order.served(), in_order);
  const PoolStatistics now = db.pool.statistics();
  EXPECT_EQ(now.refused, 2U * waiters);
  EXPECT_EQ(now.waits.count(), waiters + 1U) << "all that waited, the first for its connect";
}

awaitable<int> ask_often(Pool& pool, int times) {
  int served = 0;
  for (int i = 0; i < times; ++i) {
    served += co_await value<type::Int4>(pool, query("select 1"));
  }
  co_return served;
}

TEST(PoolOverload, AtThreeTimesItsCapacityNobodyStarves) {
  constexpr int connections = 4;
  constexpr int times = 30;
  Database db({.max_connections = connections, .acquire_timeout = 30s}, 3);
  std::vector<std::unique_ptr<Running<int>>> callers;
  for (int i = 0; i < 3 * connections; ++i) {
    callers.push_back(std::make_unique<Running<int>>(db.runtime, ask_often(db.pool, times)));
  }
  for (auto& caller : callers) EXPECT_EQ(caller->get(), times);
  const PoolStatistics now = db.pool.statistics();
  EXPECT_EQ(now.acquired, 3U * connections * times);
  EXPECT_EQ(now.timed_out + now.refused, 0U);
  EXPECT_LE(now.opened, connections);
}

TEST(PoolOverload, AfterItThePoolIsAsBefore) {
  Database db({.max_connections = 2}, 2);
  {
    const Lease one = db.run(db.pool.acquire(soon()));
    const Lease two = db.run(db.pool.acquire(soon()));
    for (int i = 0; i < 5; ++i) {
      const auto brief = [&] { return db.run(db.pool.acquire(Deadline::after(10ms))); };
      EXPECT_EQ(error_of(brief).kind(), ErrorKind::pool_timeout);
    }
  }
  EXPECT_EQ(db.run(ask_often(db.pool, 5)), 5);
  const PoolStatistics now = db.pool.statistics();
  EXPECT_EQ(now.timed_out, 5U);
  EXPECT_EQ(now.waiting, 0);
  EXPECT_EQ(now.idle, 2);
}

}  // namespace
}  // namespace loci::pg
