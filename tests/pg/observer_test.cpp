// What a pool tells of what it ran: statistics, the slow-query log, a tracer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <loci/pg/tracer.hpp>
#include <mutex>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::reading;
using test::soon;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

struct Notes : Tracer {
  void note(std::string what) {
    const std::scoped_lock lock(mutex);
    all.push_back(std::move(what));
  }
  void query_started(const Statement& statement, Lane lane) noexcept override {
    note("start " + std::string(statement.sql) + (lane == Lane::shared ? " shared" : " alone"));
  }
  void query_ended(const QueryTrace& trace) noexcept override {
    note("end " + std::string(trace.statement.sql) + " " + std::to_string(trace.rows) + " " +
         (trace.error == nullptr ? "fine" : std::string(trace.error->sqlstate())));
  }
  void prepared(const Statement& statement) noexcept override {
    note("prepare " + std::string(statement.sql));
  }
  void acquired(std::chrono::nanoseconds, const Error* error) noexcept override {
    note(error == nullptr ? "acquired" : "not acquired");
  }
  void connected(std::chrono::nanoseconds, const Error* error) noexcept override {
    note(error == nullptr ? "connected" : "not connected");
  }
  void copied(std::uint64_t rows, std::chrono::nanoseconds, const Error* error) noexcept override {
    note("copied " + std::to_string(rows) + (error == nullptr ? "" : " in vain"));
  }
  std::vector<std::string> taken() {
    const std::scoped_lock lock(mutex);
    return all;
  }
  std::mutex mutex;
  std::vector<std::string> all;
};

PoolOptions observed(ObserveOptions options) {
  PoolOptions made{.max_connections = 2};
  made.observe = std::move(options);
  return made;
}

// What goes to standard error while `work` runs.
template <class Work>
std::string logged(Work work) {
  testing::internal::CaptureStderr();
  work();
  return testing::internal::GetCapturedStderr();
}

TEST(Observer, StatementsAreCountedAndTimedByTheirText) {
  Database db(observed({}));
  for (int i = 0; i < 3; ++i) (void)db.run(ask(db.pool, query("select generate_series(1, 4)")));
  for (int i = 0; i < 2; ++i) (void)db.run(ask(db.pool, query("select 1")));
  // A text of its own each: what was slow once does not travel on the shared lane again.
  for (const char* sql : {"select 2", "select 3"}) (void)db.run(ask(db.pool, reading(sql)));
  (void)error_of([&] { return db.run(ask(db.pool, query("select 1/0"))); });
  const auto find = [&](std::uint64_t calls) {
    for (const StatementStatistics& each : db.pool.statement_statistics()) {
      if (each.calls == calls) return each;
    }
    return StatementStatistics{};
  };
  EXPECT_EQ(find(3).rows, 12U);
  EXPECT_EQ(find(3).name, "TestQuery");
  EXPECT_EQ(find(3).run.count(), 3U);
  EXPECT_EQ(find(3).wait.count(), 0U);
  std::uint64_t waits = 0;
  for (const StatementStatistics& each : db.pool.statement_statistics()) waits += each.wait.count();
  EXPECT_EQ(waits, 2U) << "on the shared lane";
  std::uint64_t errors = 0;
  for (const StatementStatistics& each : db.pool.statement_statistics()) errors += each.errors;
  EXPECT_EQ(errors, 1U);
  EXPECT_EQ(find(3).fingerprint.size(), 16U);
  EXPECT_NE(find(3).fingerprint, find(2).fingerprint);
}

TEST(Observer, CountsNothingWhenToldNotTo) {
  Database db(observed({.statistics = false, .tracer = {}}));
  (void)db.run(ask(db.pool, query("select 1")));
  EXPECT_TRUE(db.pool.statement_statistics().empty());
}

TEST(Observer, ASlowStatementIsLoggedByNameAndNeverWithItsParameters) {
  Database db(observed({.slow_query_threshold = 20ms, .tracer = {}}));
  for (const bool shared : {true, false}) {
    auto request = query<type::Text>("select pg_sleep(0.03), $1::text", "sesame");
    if (shared) request.statement.lane = Lane::shared;
    const std::string log = logged([&] { (void)db.run(ask(db.pool, std::move(request))); });
    EXPECT_THAT(log, HasSubstr("slow_query name=TestQuery fingerprint="));
    EXPECT_THAT(log, HasSubstr(shared ? "lane=shared" : "lane=exclusive"));
    EXPECT_THAT(log, HasSubstr("rows=1"));
    EXPECT_THAT(log, Not(HasSubstr("sesame")));
  }
  EXPECT_EQ(logged([&] { (void)db.run(ask(db.pool, query("select 1"))); }), "");
}

TEST(Observer, InDevelopmentThePlanOfASlowStatementFollowsOnce) {
  Database db(observed({.slow_query_threshold = 1ms, .explain_slow_queries = true, .tracer = {}}));
  const auto slow = query<type::Float8>("select pg_sleep($1) from pg_class limit 1", 0.01);
  const std::string log = logged([&] {
    for (int i = 0; i < 2; ++i) (void)db.run(ask(db.pool, slow));
    // The plan is asked for on a connection of the same pool; with both leased, it has been.
    EXPECT_TRUE(eventually([&] { return db.pool.statistics().acquired >= 3; }));
    db.pool.close();
    db.run(db.pool.wait_closed(soon()));
  });
  const std::size_t first = log.find("slow_query_plan name=TestQuery\nLimit");
  EXPECT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("slow_query_plan", first + 1), std::string::npos) << log;
}

TEST(Observer, ThePlanOfASlowSharedReadIsAskedForWhenThePoolIsFull) {
  Database db(observed({.slow_query_threshold = 1ms, .explain_slow_queries = true, .tracer = {}}));
  std::optional<Lease> held = db.run(db.pool.acquire(soon()));  // the lane has the other one
  const std::string log = logged([&] {
    (void)db.run(ask(db.pool, reading("select pg_sleep(0.01) from pg_class limit 1")));
    held.reset();
    EXPECT_TRUE(eventually([&] { return db.pool.statistics().acquired >= 3; }));
    db.pool.close();
    db.run(db.pool.wait_closed(soon()));
  });
  EXPECT_THAT(log, HasSubstr("slow_query_plan name=TestQuery\nLimit"));
}

TEST(Observer, ATracerIsToldOfEachStep) {
  const auto notes = std::make_shared<Notes>();
  Database db(observed({.tracer = notes}));
  (void)db.run(ask(db.pool, query("select 7")));
  (void)db.run(ask(db.pool, reading("select 8")));
  (void)error_of([&] { return db.run(ask(db.pool, query("select 1/0"))); });
  test::go(db, [&]() -> test::awaitable<void> {
    Lease lease = co_await db.pool.acquire(soon());
    co_await lease.script("create table t (a text)", "Make", soon());
    (void)co_await lease.copy_in(
        "copy t from stdin binary", [](std::string&) { return false; }, soon());
    CopyOut out = co_await lease.copy_out("copy (values (1), (2)) to stdout binary", soon());
    while (!(co_await out.next()).empty()) {
    }
  });
  for (const char* expected :
       {"connected", "acquired", "prepare select 7", "start select 7 alone", "end select 7 1 fine",
        "prepare select 8", "start select 8 shared", "end select 8 1 fine",
        "end select 1/0 0 22012", "copied 0", "copied 2"}) {
    EXPECT_THAT(notes->taken(), Contains(expected));
  }
}

TEST(Observer, AnEndIsToldOfWhatALostConnectionTookWithIt) {
  const auto notes = std::make_shared<Notes>();
  Database db(observed({.tracer = notes}));
  constexpr std::string_view last = "select pg_terminate_backend(pg_backend_pid()), pg_sleep(600)";
  for (const bool shared : {false, true}) {
    (void)error_of([&] { return db.run(ask(db.pool, shared ? reading(last) : query(last))); });
  }
  int started = 0;
  int ended = 0;
  for (const std::string& note : notes->taken()) {
    started += note.starts_with("start ") ? 1 : 0;
    ended += note.starts_with("end ") ? 1 : 0;
  }
  EXPECT_GE(started, 2);
  EXPECT_EQ(ended, started);
}

TEST(Observer, TheWaitForAConnectionIsToldWithTheFirstStatementOnIt) {
  struct Waits : Tracer {
    void query_ended(const QueryTrace& trace) noexcept override {
      const std::scoped_lock lock(mutex);
      all.push_back(trace.wait);
    }
    std::mutex mutex;
    std::vector<std::chrono::nanoseconds> all;
  };
  const auto waits = std::make_shared<Waits>();
  Database db(observed({.tracer = waits}));
  Lease fresh = db.run(db.pool.acquire(soon()));  // which had to be opened
  for (int i = 0; i < 2; ++i) (void)db.run(ask(fresh, query("select 1")));
  ASSERT_EQ(waits->all.size(), 2U);
  EXPECT_GT(waits->all[0].count(), 0);
  EXPECT_EQ(waits->all[1].count(), 0);
}

TEST(Observer, ATracerIsToldWhatCouldNotBeHad) {
  const auto notes = std::make_shared<Notes>();
  PoolOptions options = observed({.tracer = notes});
  options.conninfo = "host=/nowhere/at/all dbname=x";
  Database db(std::move(options));
  (void)error_of([&] { return db.run(ask(db.pool, query("select 1"))); });
  EXPECT_THAT(notes->taken(), Contains("not connected"));
}

}  // namespace
}  // namespace loci::pg
