#include <loci/pg/copy_rows.hpp>
#include <loci/pg/pool.hpp>

#include <gtest/gtest.h>
#include <stdexcept>

#include "pg/ask.hpp"
#include "pg/connection.hpp"

namespace loci::pg {
namespace {

using test::Database;
using test::error_of;
using test::query;
using test::soon;
using test::value;
using namespace std::chrono_literals;

constexpr const char* k_copy = "copy t (id, name) from stdin (format binary)";

// Rows 0 to `rows` - 1, a thousand a chunk; calls `before` with the number of each chunk's first
// row.
Lease::CopySource numbers(int rows, std::function<void(int)> before = [](int) {}) {
  return
      [rows, before = std::move(before), out = CopyRows(), next = 0](std::string& chunk) mutable {
        if (next >= rows) return false;
        before(next);
        for (const int end = std::min(rows, next + 1000); next < end; ++next) {
          out.begin_row(2);
          out.field<type::Int4>(next);
          out.field<type::Text>(next % 10 == 0 ? std::optional<std::string>()
                                               : std::optional("row " + std::to_string(next)));
        }
        chunk = out.take();
        return true;
      };
}

struct Copy : testing::Test {
  Copy() { db.script("create table t (id int primary key, name text)"); }
  std::uint64_t copy(Lease::CopySource source, Deadline deadline = soon()) {
    return db.run(lease.copy_in(k_copy, std::move(source), deadline));
  }
  // The connection is as good as before.
  std::int64_t rows() { return db.run(value<type::Int8>(lease, query("select count(*) from t"))); }

  Database db;
  Lease lease = db.run(db.pool.acquire(soon()));
};

TEST_F(Copy, BringsARowForEveryRow) {
  EXPECT_EQ(copy(numbers(100'000)), 100'000U);
  EXPECT_EQ(rows(), 100'000);
  EXPECT_EQ(db.run(value<type::Text>(lease, query("select name from t where id = 99999"))),
            "row 99999");
  EXPECT_EQ(db.run(value<type::Int8>(lease, query("select count(*) from t where name is null"))),
            10'000);
}

TEST_F(Copy, OfNothingIsNoError) {
  EXPECT_EQ(copy([](std::string&) { return false; }), 0U);
  EXPECT_EQ(rows(), 0);
}

TEST_F(Copy, EmptyChunksAreSkipped) {
  int calls = 0;
  EXPECT_EQ(copy([&](std::string&) { return ++calls < 4; }), 0U);
}

TEST_F(Copy, WhenTheSourceThrowsNothingStays) {
  const auto failing = numbers(50'000, [](int row) {
    if (row == 30'000) throw std::runtime_error("torn file");
  });
  EXPECT_THROW((void)copy(failing), std::runtime_error);
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(copy(numbers(5)), 5U);
}

TEST_F(Copy, AnErrorOfTheServerMidwayLeavesNothingAndTheConnection) {
  db.script("insert into t values (20000, 'in the way')");
  const Error error = error_of([&] { return copy(numbers(100'000)); });
  EXPECT_EQ(error.sqlstate(), "23505");
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_EQ(rows(), 1);
}

TEST_F(Copy, IntoATableThatIsNotThereAsksTheSourceForNothing) {
  int calls = 0;
  const Error error = error_of([&] {
    return db.run(lease.copy_in(
        "copy nowhere from stdin (format binary)", [&](std::string&) { return ++calls > 0; },
        soon()));
  });
  EXPECT_EQ(error.sqlstate(), "42P01");
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(rows(), 0);
}

TEST_F(Copy, AStatementThatIsNoCopyIsRefused) {
  const Error error = error_of([&] {
    return db.run(lease.copy_in("select 1", [](std::string&) { return false; }, soon()));
  });
  EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(rows(), 0);
}

TEST_F(Copy, BytesThatAreNoRowsAreAnErrorOfTheServer) {
  bool first = true;
  const Error error = error_of([&] {
    return copy([&](std::string& chunk) {
      chunk = "nonsense of some length, to be sure";
      return std::exchange(first, false);
    });
  });
  EXPECT_EQ(error.sqlstate(), "22P04");
  EXPECT_EQ(rows(), 0);
}

TEST_F(Copy, ADeadlineBetweenChunksLeavesNothingAndTheConnection) {
  const Error error = error_of([&] {
    // The source goes on for ever: only the deadline ends it.
    return copy(
        [out = CopyRows(), id = 0](std::string& chunk) mutable {
          out.begin_row(2);
          out.field<type::Int4>(id++);
          out.field<type::Text>(std::string("x"));
          chunk = out.take();
          return true;
        },
        Deadline::after(100ms));
  });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_EQ(rows(), 0);
}

TEST_F(Copy, CancelledWithItsCallerItLeavesNothingAndTheConnection) {
  db.script(
      "create function nap() returns trigger language plpgsql as "
      "$$ begin perform pg_sleep(600); return new; end $$;"
      "create trigger nap before insert on t for each row execute function nap()");
  const std::int32_t pid = lease.connection().server_pid();
  test::Running<std::uint64_t> running(db.runtime,
                                       lease.copy_in(k_copy, numbers(1'000'000'000), soon()));
  ASSERT_TRUE(test::eventually([&] {
    return db.run(value<type::Bool>(
        db.pool, query<type::Int4>("select wait_event is not distinct from 'PgSleep' from "
                                   "pg_stat_activity where pid = $1",
                                   pid)));
  }));
  running.cancel();
  const Error error = error_of([&] { return running.get(); });
  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  EXPECT_FALSE(error.outcome_unknown());
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(lease.connection().server_pid(), pid);
}

TEST_F(Copy, InATransactionIsRolledBackWithIt) {
  db.run(lease.script("begin", "begin", soon()));
  EXPECT_EQ(copy(numbers(10)), 10U);
  db.run(lease.script("rollback", "rollback", soon()));
  EXPECT_EQ(rows(), 0);
}

TEST_F(Copy, AServerThatEndsInTheMiddleIsALossOfUnknownOutcome) {
  const std::int32_t pid = lease.connection().server_pid();
  const auto killing = numbers(1'000'000, [&](int row) {
    if (row != 5000) return;
    Database other;
    (void)other.run(
        test::ask(other.pool, query<type::Int4>("select pg_terminate_backend($1, 10000)", pid)));
  });
  const Error error = error_of([&] { return copy(killing); });
  EXPECT_TRUE(error.connection_lost());
  EXPECT_TRUE(error.outcome_unknown());
}

}  // namespace
}  // namespace loci::pg
