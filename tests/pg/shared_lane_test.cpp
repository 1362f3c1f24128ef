// The lane of short reads: what its callers share, and what they must never notice of each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <deque>
#include <future>
#include <mutex>
#include <set>
#include <string>

#include "pg/ask.hpp"
#include "support/effort.hpp"
#include "support/pg_proxy.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::reading;
using test::Running;
using test::soon;
using test::value;
using namespace std::chrono_literals;

// The statement with a remark that no other has: on a busy machine even a short one may be slow
// once, and what was slow once does not travel with others again.
std::string_view unheard(std::string_view sql) {
  static std::mutex mutex;
  static std::deque<std::string> all;
  const std::scoped_lock lock(mutex);
  return all.emplace_back(std::string(sql) + " -- " + std::to_string(all.size()));
}

struct SharedLane : testing::Test {
  explicit SharedLane(int connections = 4)
      : db({.max_connections = connections}, 2),
        outside(db.runtime.executor(), {.conninfo = db.dsn, .settings = {}}) {}

  // The backend that served it.
  awaitable<std::int32_t> shared_pid(Deadline deadline = soon()) {
    return value<type::Int4>(db.pool, reading(unheard("select pg_backend_pid()")), deadline);
  }
  // Runs the same read many times at once.
  template <class T>
  std::vector<std::future<T>> at_once(int count, const std::function<awaitable<T>(int)>& work) {
    std::vector<std::future<T>> all;
    for (int i = 0; i < count; ++i) {
      all.push_back(
          boost::asio::co_spawn(db.runtime.executor(), keeping(work, i), boost::asio::use_future));
    }
    return all;
  }
  // A coroutine made of a lambda needs the lambda until its end.
  template <class T>
  static awaitable<T> keeping(std::function<awaitable<T>(int)> work, int i) {
    co_return co_await work(i);
  }
  std::set<std::int32_t> backends(int readers) {
    auto answers = at_once<std::int32_t>(readers, [this](int) { return shared_pid(); });
    std::set<std::int32_t> seen;
    for (auto& each : answers) seen.insert(each.get());
    return seen;
  }
  void script(std::string sql) {
    test::go(db, [&]() -> awaitable<void> {
      Lease lease = co_await db.pool.acquire(soon());
      co_await lease.script(sql, "test script", soon());
    });
  }
  // Holds an advisory lock in a session of its own, until let go.
  struct Lock {
    explicit Lock(SharedLane& test) : db(test.db), lease(db.run(test.outside.acquire(soon()))) {
      (void)db.run(ask(lease, query("select pg_advisory_lock(7)")));
    }
    ~Lock() { (void)db.run(ask(lease, query("select pg_advisory_unlock(7)"))); }
    Database& db;
    Lease lease;
  };
  static constexpr std::string_view k_blocked =
      "select pg_backend_pid() from (select pg_advisory_lock_shared(7)) as wait";
  std::int64_t blocked() {
    return db.run(value<type::Int8>(
        outside,
        query("select count(*) from pg_locks where locktype = 'advisory' and not granted")));
  }

  Database db;
  Pool outside;  // what looks on, and stands in the way
};

struct SharedLaneOfALargePool : SharedLane {
  SharedLaneOfALargePool() : SharedLane(40) {}
};

TEST_F(SharedLaneOfALargePool, ManyReadersTravelOnFewConnections) {
  if (test::k_sanitized) GTEST_SKIP() << "a slow reader takes its connections for held up";
  EXPECT_LE(backends(200).size(), 8U) << "four, and perhaps some that met one that stood still";
}

TEST_F(SharedLane, EachGetsItsOwnAnswerAndItsOwnError) {
  auto answers = at_once<std::int64_t>(200, [this](int i) -> awaitable<std::int64_t> {
    co_return co_await value<type::Int8>(
        db.pool, reading<type::Int8>("select 1000 / ($1::int8 % 5) + $1::int8", i));
  });
  for (int i = 0; i < 200; ++i) {
    auto& answer = answers[static_cast<std::size_t>(i)];
    if (i % 5 == 0) {
      EXPECT_EQ(error_of([&] { return answer.get(); }).sqlstate(), "22012");
    } else {
      EXPECT_EQ(answer.get(), 1000 / (i % 5) + i);
    }
  }
}

TEST_F(SharedLane, AStatementThatCannotBeParsedFailsForEveryCallerWithItsOwnError) {
  auto answers = at_once<std::int32_t>(20, [this](int) -> awaitable<std::int32_t> {
    co_return co_await value<type::Int4>(db.pool, reading("select nothing_there"));
  });
  for (auto& each : answers) {
    EXPECT_EQ(error_of([&] { return each.get(); }).sqlstate(), "42703");
  }
}

TEST_F(SharedLane, ADeadlineOfOneIsNoSettingOfTheNext) {
  const auto setting = [this](Deadline deadline) {
    return db.run(value<type::Text>(
        db.pool, reading(unheard("select current_setting('statement_timeout')")), deadline));
  };
  const std::string usual = setting(soon());
  EXPECT_NE(setting(Deadline::after(900ms)), usual) << "the server knows how long it may take";
  EXPECT_EQ(setting(soon()), usual);
}

TEST_F(SharedLane, PastItsDeadlineTheServerStopsItAndTheConnectionStays) {
  const std::int32_t before = db.run(shared_pid());
  const Error error = error_of(
      [&] { return db.run(ask(db.pool, reading("select pg_sleep(60)"), Deadline::after(100ms))); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_TRUE(eventually([&] { return backends(40).contains(before); }));
  EXPECT_EQ(db.pool.statistics().retired.total(), 0U);
}

TEST_F(SharedLane, WhoGivesUpLeavesTheOthersTheirAnswers) {
  const std::int32_t lane = db.run(shared_pid());
  std::optional<Lock> lock(*this);
  Running<Result> patient(db.runtime, ask(db.pool, reading(k_blocked)));
  ASSERT_TRUE(eventually([&] { return blocked() == 1; }));
  Running<Result> hasty(db.runtime, ask(db.pool, reading(k_blocked)));
  hasty.cancel();
  EXPECT_EQ(error_of([&] { return hasty.get(); }).kind(), ErrorKind::cancelled);
  EXPECT_NE(db.run(shared_pid()), lane) << "the lane is held up: another connection serves";
  EXPECT_EQ(blocked(), 1) << "nothing was cancelled on the server";
  lock.reset();
  EXPECT_EQ(patient.get().row(0).get<type::Int4>(0), lane);
  EXPECT_TRUE(eventually([&] { return backends(40).contains(lane); })) << "and then used again";
}

TEST_F(SharedLane, ReadsUnderWayAreCounted) {
  std::optional<Lock> lock(*this);
  Running<Result> waiting(db.runtime, ask(db.pool, reading(k_blocked)));
  EXPECT_TRUE(eventually([&] { return db.pool.statistics().in_flight == 1; }));
  lock.reset();
  (void)waiting.get();
  EXPECT_EQ(db.pool.statistics().in_flight, 0U);
}

TEST_F(SharedLane, BehindAStatementThatRunsForLongNobodyNewIsPut) {
  const std::int32_t lane = db.run(shared_pid());
  std::optional<Lock> lock(*this);
  Running<Result> patient(db.runtime, ask(db.pool, reading(k_blocked)));
  ASSERT_TRUE(eventually([&] { return blocked() == 1; }));
  const auto long_after = Deadline::after(500ms);
  ASSERT_TRUE(eventually([&] { return long_after.passed(); }));
  EXPECT_NE(db.run(shared_pid()), lane) << "though all are patient";
  lock.reset();
  EXPECT_EQ(patient.get().row(0).get<type::Int4>(0), lane);
}

TEST_F(SharedLane, WhatWasGivenUpForLongIsKnownAsSlow) {
  const std::int32_t lane = db.run(shared_pid());
  std::optional<Lock> lock(*this);
  const auto hasty = [&] {
    return db.run(ask(db.pool, reading(k_blocked), Deadline::after(100ms)));
  };
  EXPECT_EQ(error_of(hasty).kind(), ErrorKind::timeout);
  lock.reset();
  ASSERT_TRUE(eventually([&] { return backends(40).contains(lane); })) << "it takes reads again";
  const auto shared = [&] {
    std::uint64_t count = 0;
    for (const StatementStatistics& each : db.pool.statement_statistics()) {
      count += each.wait.count();
    }
    return count;
  };
  const std::uint64_t before = shared();
  (void)db.run(ask(db.pool, reading(k_blocked)));
  EXPECT_EQ(shared(), before) << "it was alone";
}

TEST_F(SharedLane, AnAnswerThatCameButForItsEndIsNobodysOnceTheDeadlinePassed) {
  test::PgProxy proxy(db.dsn);
  Database behind({.conninfo = proxy.dsn(), .max_connections = 2});
  const auto number = [&](std::int64_t n, Deadline deadline) {
    return behind.run(value<type::Int8>(
        behind.pool, reading<type::Int8>(unheard("select $1::int8"), n), deadline));
  };
  EXPECT_EQ(number(1, soon()), 1);
  proxy.set_present(
      {.to_client = {.turn = test::Turn{.fate = test::Fate::stall, .message = 'Z', .nth = 1}}});
  EXPECT_EQ(error_of([&] { return number(2, Deadline::after(50ms)); }).kind(), ErrorKind::timeout);
  proxy.set({});
  EXPECT_EQ(number(3, soon()), 3);
}

TEST_F(SharedLane, AReadThatALostConnectionTookWithItIsAskedAgain) {
  const std::int32_t lane = db.run(shared_pid());
  std::optional<Lock> lock(*this);
  auto waiting = at_once<std::int32_t>(20, [this](int) -> awaitable<std::int32_t> {
    co_return co_await value<type::Int4>(db.pool, reading(k_blocked));
  });
  ASSERT_TRUE(eventually([&] { return blocked() >= 1; }));
  (void)db.run(ask(outside, query<type::Int4>("select pg_terminate_backend($1, 5000)", lane)));
  ASSERT_TRUE(eventually([&] { return blocked() >= 1; })) << "asked again on another connection";
  lock.reset();
  for (auto& each : waiting) EXPECT_NE(each.get(), lane);
}

TEST_F(SharedLane, AChangedTableIsReadAnew) {
  script("create table things (a int); insert into things values (1)");
  const auto columns = [this] {
    return db.run(ask(db.pool, reading("select * from things"))).columns();
  };
  EXPECT_EQ(columns(), 1U);
  script("alter table things add column b int");
  EXPECT_EQ(columns(), 2U);
}

TEST_F(SharedLane, WhatWouldReachTheOthersIsRefused) {
  const std::int32_t lane = db.run(shared_pid());
  for (const std::string_view sql :
       {"begin", "set work_mem = 64", "listen x", "copy (select 1) to stdout", "/* */ prepare"}) {
    EXPECT_EQ(error_of([&] { return db.run(ask(db.pool, reading(sql))); }).kind(),
              ErrorKind::invalid_argument)
        << sql;
  }
  EXPECT_EQ(db.run(shared_pid()), lane);
}

TEST_F(SharedLane, ASlowStatementGetsAConnectionToItself) {
  const std::int32_t lane = db.run(shared_pid());
  const auto slow = [this] {
    return db.run(
        value<type::Int4>(db.pool, reading("select pg_backend_pid() from pg_sleep(0.03)")));
  };
  EXPECT_EQ(slow(), lane) << "not known yet";
  EXPECT_NE(slow(), lane);
}

TEST_F(SharedLane, ALargeResultGetsAConnectionToItself) {
  const std::int32_t lane = db.run(shared_pid());
  const auto large = [this] {
    return db.run(value<type::Int4>(
        db.pool,
        reading("select pg_backend_pid(), repeat('x', 1000) from generate_series(1, 1000)")));
  };
  EXPECT_EQ(large(), lane);
  EXPECT_NE(large(), lane);
}

TEST_F(SharedLane, WhatItDoesNotUseGoesToWhoWaits) {
  const std::set<std::int32_t> lane = backends(64);
  std::vector<Lease> all;  // as many as the pool has, the lane's among them
  std::set<std::int32_t> leased;
  for (int i = 0; i < 4; ++i) {
    all.push_back(db.run(db.pool.acquire(soon())));
    leased.insert(db.run(value<type::Int4>(all.back(), query("select pg_backend_pid()"))));
  }
  EXPECT_THAT(leased, testing::IsSupersetOf(lane));
}

TEST_F(SharedLane, AServerThatIsNotThereIsAnErrorForEachReader) {
  Database none({.conninfo = "host=/nowhere/at/all dbname=x"});
  EXPECT_EQ(error_of([&] { return none.run(ask(none.pool, reading("select 1"))); }).kind(),
            ErrorKind::connect);
}

TEST_F(SharedLane, ClosingThePoolEndsWhatIsUnderWay) {
  Database own({.conninfo = test::TestServer::instance().dsn("postgres"), .max_connections = 4});
  Running<Result> endless(own.runtime,
                          ask(own.pool, reading("select pg_sleep(60)"), Deadline::never()));
  ASSERT_TRUE(eventually([&] {
    return db.run(value<type::Int8>(
               db.pool, query("select count(*) from pg_stat_activity where datname = 'postgres'"
                              " and query like 'select pg_sleep(60)%'"))) == 1;
  }));
  own.pool.close();
  EXPECT_EQ(error_of([&] { return endless.get(); }).kind(), ErrorKind::closed);
}

struct SharedLaneOfOne : SharedLane {
  SharedLaneOfOne() : SharedLane(1) {}
};

TEST_F(SharedLaneOfOne, ReadersAndWritersTakeTurnsOnTheOnlyConnection) {
  script("create table counted (n int)");
  auto done = at_once<bool>(40, [this](int i) -> awaitable<bool> {
    for (int round = 0; round < 10; ++round) {
      if (i % 2 == 0) {
        (void)co_await ask(db.pool, query("insert into counted values (1)"));
      } else {
        (void)co_await ask(db.pool, reading("select count(*) from counted"));
      }
    }
    co_return true;
  });
  for (auto& each : done) EXPECT_TRUE(each.get());
  EXPECT_EQ(db.run(value<type::Int8>(db.pool, query("select count(*) from counted"))), 200);
}

}  // namespace
}  // namespace loci::pg
