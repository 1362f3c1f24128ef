#include <loci/pg/pool.hpp>

#include <gtest/gtest.h>
#include <malloc.h>
#include <fstream>

#include "pg/ask.hpp"
#include "pg/connection.hpp"
#include "support/effort.hpp"

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

struct Numbers {
  std::int32_t last;
  struct Row {
    std::int32_t number;
    std::string text;
  };
  static constexpr Statement statement{
      .name = "Numbers",
      .sql = "select n, repeat('x', 100) from generate_series(1, $1::int) n",
      .lane = Lane::shared};
  static constexpr Cardinality cardinality = Cardinality::many;
  void bind(Params& params) const { params.add<type::Int4>(last); }
  static Row decode(const RowView& row) { return {row.get<type::Int4>(0), row.get<type::Text>(1)}; }
};

struct Streams : testing::Test {
  // As good as before: on the same connection, in step.
  bool lease_works() {
    return lease.connection().clean() &&
           db.run(value<type::Int4>(lease, query("select 41 + 1"))) == 42;
  }
  ResultStream open(std::string_view sql, Deadline deadline = soon(), int rows = 10) {
    return db.run(lease.stream_results(reading(sql), deadline, rows));
  }
  bool sleeps() {
    return db.run(value<type::Bool>(
        db.pool, query<type::Int4>("select wait_event is not distinct from 'PgSleep' from "
                                   "pg_stat_activity where pid = $1",
                                   lease.connection().server_pid())));
  }
  static awaitable<std::size_t> count(ResultStream& stream) {
    std::size_t rows = 0;
    while (const auto chunk = co_await stream.next()) rows += chunk->rows();
    co_return rows;
  }
  static constexpr const char* k_endless =
      "select generate_series(1, 100000000), repeat('x', 1000)";
  // Sends a hundred rows, then nothing for long.
  static constexpr const char* k_stalling =
      "select repeat('x', 1000), case when n > 100 then pg_sleep(600) end "
      "from generate_series(1, 200) n";

  Database db;
  Lease lease = db.run(db.pool.acquire(soon()));
};

TEST_F(Streams, GivesEveryRowOnceInChunks) {
  for (int round = 0; round < 2; ++round) {  // the second time it is prepared
    RowStream<Numbers> stream = db.run(lease.stream(Numbers{1000}, soon(), 64));
    std::int32_t expected = 0;
    for (;;) {
      const auto rows = db.run(stream.next());
      if (rows.empty()) break;
      EXPECT_LE(rows.size(), 64U);
      for (const auto& row : rows) EXPECT_EQ(row.number, ++expected);
    }
    EXPECT_EQ(expected, 1000);
    EXPECT_TRUE(db.run(stream.next()).empty());
    EXPECT_TRUE(lease_works());
  }
}

// The most memory this process has held since the last call, in bytes.
std::size_t peak_memory() {
  ::malloc_trim(0);
  std::ifstream status("/proc/self/status");
  std::size_t kilobytes = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) kilobytes = std::stoul(line.substr(6));
  }
  std::ofstream("/proc/self/clear_refs") << "5";  // it begins anew at what is held now
  return kilobytes * 1024;
}

// LOCI_TEST_LONG=1 makes it 1 GB.
TEST_F(Streams, TakeNoMoreMemoryForMoreRows) {
  if (test::k_sanitized) GTEST_SKIP() << "a sanitizer keeps what was freed";
  const std::int32_t rows = test::in_full() ? 10'000'000 : 500'000;
  Database patient({.statement_timeout = 0ms});
  Lease mine = patient.run(patient.pool.acquire(soon()));
  const auto read = [&](std::int32_t last) {
    return test::go(patient, [&]() -> awaitable<std::size_t> {
      RowStream<Numbers> stream = co_await mine.stream(Numbers{last}, Deadline::never());
      std::size_t seen = 0;
      for (auto some = co_await stream.next(); !some.empty(); some = co_await stream.next()) {
        seen += some.size();
      }
      co_return seen;
    });
  };
  EXPECT_EQ(read(10'000), 10'000U);
  (void)peak_memory();
  const std::size_t before = peak_memory();
  EXPECT_EQ(read(rows), static_cast<std::size_t>(rows));
  EXPECT_LT(peak_memory(), before + (std::size_t{32} << 20));
}

TEST_F(Streams, OfNothingEndsAtOnce) {
  ResultStream stream = open("select 1 where false");
  EXPECT_FALSE(db.run(stream.next()));
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, AChunkHasAtLeastOneRow) {
  EXPECT_EQ(error_of([&] { return open("select 1", soon(), 0); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, AnErrorBeforeTheFirstRowIsThrownAtOnce) {
  EXPECT_EQ(error_of([&] { return open("select nothing"); }).sqlstate(), "42703");
  EXPECT_EQ(error_of([&] { return open("select 1/0"); }).sqlstate(), "22012");
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, AnErrorAfterSomeRowsIsThrownWhereItHappens) {
  ResultStream stream = open("select 1 / (50 - n) from generate_series(1, 100) n");
  EXPECT_EQ(error_of([&] { return db.run(count(stream)); }).sqlstate(), "22012");
  EXPECT_FALSE(db.run(stream.next()));
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, StoppedHalfwayTheLeaseGoesOn) {
  ResultStream stream = open(k_endless);
  EXPECT_TRUE(db.run(stream.next()));
  EXPECT_TRUE(db.run(stream.next()));
  db.run(stream.stop());
  EXPECT_FALSE(db.run(stream.next()));
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, DroppedHalfwayTheConnectionIsNeverUsedAgain) {
  const int pid = lease.connection().server_pid();
  {
    ResultStream stream = open(k_endless);
    EXPECT_TRUE(db.run(stream.next()));
  }
  EXPECT_FALSE(lease.connection().usable());
  lease = db.run(db.pool.acquire(soon()));
  EXPECT_NE(lease.connection().server_pid(), pid);
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, WhileOneIsOpenTheLeaseTakesNothingElse) {
  ResultStream stream = open("select n from generate_series(1, 100) n");
  EXPECT_EQ(error_of([&] { return db.run(ask(lease, query("select 1"))); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(db.run(count(stream)), 100U);
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, AtTheDeadlineItIsCancelledAndTheLeaseGoesOn) {
  ResultStream stream = open(k_stalling, Deadline::after(300ms));
  EXPECT_EQ(error_of([&] { return db.run(count(stream)); }).kind(), ErrorKind::timeout);
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, AServerThatEndsInTheMiddleIsALoss) {
  ResultStream stream = open(
      "select n, case when n = 5000 then pg_terminate_backend(pg_backend_pid()) end, "
      "repeat('x', 1000) from generate_series(1, 1000000) n");
  const Error error = error_of([&] { return db.run(count(stream)); });
  EXPECT_TRUE(error.connection_lost()) << error.what();
  EXPECT_FALSE(error.outcome_unknown());  // it only reads
  EXPECT_FALSE(lease.connection().usable());
}

TEST_F(Streams, ALossOfOneThatWritesIsAnUnknownOutcome) {
  ResultStream stream = db.run(lease.stream_results(
      query("select n, case when n = 5000 then pg_terminate_backend(pg_backend_pid()) end, "
            "repeat('x', 1000) from generate_series(1, 1000000) n"),
      soon(), 10));
  EXPECT_TRUE(error_of([&] { return db.run(count(stream)); }).outcome_unknown());
}

TEST_F(Streams, CancelledWithItsCallerTheLeaseGoesOn) {
  ResultStream stream = open(k_stalling);
  EXPECT_TRUE(db.run(stream.next()));
  Running<std::size_t> waiting(db.runtime, count(stream));
  EXPECT_TRUE(eventually([&] { return sleeps(); }));
  waiting.cancel();
  EXPECT_EQ(error_of([&] { return waiting.get(); }).kind(), ErrorKind::cancelled);
  EXPECT_FALSE(db.run(stream.next()));
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, AStatementTheServerForgotIsPreparedAnew) {
  RowStream<Numbers> first = db.run(lease.stream(Numbers{1}, soon()));
  EXPECT_EQ(db.run(first.next()).size(), 1U);
  EXPECT_TRUE(db.run(first.next()).empty());
  db.run(lease.script("deallocate all", "drop", soon()));
  RowStream<Numbers> second = db.run(lease.stream(Numbers{2}, soon()));
  EXPECT_EQ(db.run(second.next()).size(), 2U);
  EXPECT_TRUE(db.run(second.next()).empty());
  EXPECT_TRUE(lease_works());
}

TEST_F(Streams, InATransactionItSeesWhatTheTransactionDid) {
  db.script("create table t (id int)");
  db.run(lease.script("begin; insert into t select generate_series(1, 30)", "begin", soon()));
  ResultStream stream = open("select id from t");
  EXPECT_EQ(db.run(count(stream)), 30U);
  db.run(lease.script("rollback", "rollback", soon()));
  EXPECT_TRUE(lease_works());
}

}  // namespace
}  // namespace loci::pg
