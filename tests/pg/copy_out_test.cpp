#include <loci/pg/copy.hpp>

#include <gtest/gtest.h>
#include <algorithm>
#include <ranges>

#include "pg/ask.hpp"
#include "pg/connection.hpp"
#include "pg/copy_reader.hpp"

namespace loci::pg {
namespace {

using test::awaitable;
using test::Database;
using test::error_of;
using test::eventually;
using test::query;
using test::Running;
using test::soon;
using test::value;
using namespace std::chrono_literals;

struct Item {
  std::int32_t id = 0;
  std::optional<std::string> name;
  bool operator==(const Item&) const = default;
};

auto table() {
  return copy_table<Item>("Odd \"items\"", column<type::Int4>("id", &Item::id),
                          column<type::Text>("na me", &Item::name));
}

Item item(int id) {
  return {id, id % 10 == 0 ? std::nullopt : std::optional("row " + std::to_string(id))};
}

// What the server would send for items 0 to `count` - 1.
std::string wire(int count) {
  CopyRows rows;
  for (int i = 0; i < count; ++i) table().encode(rows, item(i));
  return rows.take() + "\377\377";
}

TEST(CopyReaderTest, ReadsTheSameRowsHoweverTheBytesAreCut) {
  const std::string bytes = wire(25);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{3}, std::size_t{20}, bytes.size()}) {
    CopyReader reader;
    int seen = 0;
    for (std::size_t at = 0; at < bytes.size(); at += cut) {
      reader.discard();
      reader.append(std::string_view(bytes).substr(at, cut));
      for (const CopyRow& row : reader.parse()) EXPECT_EQ(table().decode(row), item(seen++));
    }
    reader.expect_end();
    EXPECT_EQ(seen, 25) << "cut every " << cut;
  }
}

TEST(CopyReaderTest, RefusesWhatIsNotTheFormat) {
  const auto kind = [](const std::string& bytes) {
    CopyReader reader;
    reader.append(bytes);
    return error_of([&] { return (void)reader.parse(), reader.expect_end(), 0; }).kind();
  };
  std::string bytes = wire(2);
  EXPECT_EQ(kind("1\trow one\n2\trow two and more\n"), ErrorKind::protocol);
  EXPECT_EQ(kind(bytes.substr(0, bytes.size() - 2)), ErrorKind::protocol);  // no trailer
  EXPECT_EQ(kind(bytes + "more"), ErrorKind::protocol);
  bytes[19] = '\200';  // a negative number of columns
  EXPECT_EQ(kind(bytes), ErrorKind::protocol);
}

TEST(CopyReaderTest, AFieldThatIsNotThereOrNullIsAnError) {
  CopyReader reader;
  reader.append(wire(1));
  const auto rows = reader.parse();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(error_of([&] { return rows[0].get<type::Text>(1); }).kind(), ErrorKind::protocol);
  EXPECT_EQ(error_of([&] { return rows[0].field(2); }).kind(), ErrorKind::protocol);
}

struct CopiesOut : testing::Test {
  CopiesOut() {
    db.script("create table \"Odd \"\"items\"\"\" (id int primary key, \"na me\" text)");
  }

  bool lease_works() {
    return lease.connection().clean() &&
           db.run(value<type::Int4>(lease, query("select 41 + 1"))) == 42;
  }
  CopyOut open(std::string select, Deadline deadline = soon()) {
    return db.run(lease.copy_out("copy (" + select + ") to stdout (format binary)", deadline));
  }
  static awaitable<std::size_t> count(CopyOut& copy) {
    std::size_t rows = 0;
    for (auto some = co_await copy.next(); !some.empty(); some = co_await copy.next()) {
      rows += some.size();
    }
    co_return rows;
  }
  bool sleeps() {
    return db.run(value<type::Bool>(
        db.pool, query<type::Int4>("select wait_event is not distinct from 'PgSleep' from "
                                   "pg_stat_activity where pid = $1",
                                   lease.connection().server_pid())));
  }
  // Sends a hundred rows, then nothing for long.
  static constexpr const char* k_stalling =
      "select repeat('x', 1000), case when n > 100 then pg_sleep(600) end "
      "from generate_series(1, 200) n";
  static constexpr const char* k_endless =
      "select generate_series(1, 100000000), repeat('x', 1000)";

  Database db;
  Lease lease = db.run(db.pool.acquire(soon()));
};

TEST_F(CopiesOut, WhatARangeOfStructsBroughtInComesOutAgain) {
  auto items = std::views::iota(0, 20'000) | std::views::transform(item);
  EXPECT_EQ(db.run(copy_in(lease, table(), items, soon())), 20'000U);
  auto copy = db.run(copy_out(lease, table(), soon()));
  std::vector<Item> all;
  for (;;) {
    const std::vector<Item> some = db.run(copy.next());
    if (some.empty()) break;
    EXPECT_LT(some.size(), 10'000U);  // in pieces
    all.insert(all.end(), some.begin(), some.end());
  }
  EXPECT_TRUE(std::ranges::equal(all, items));
  EXPECT_TRUE(lease_works());
}

TEST_F(CopiesOut, AnEmptyRangeAndAnEmptyTable) {
  std::vector<Item> none;
  EXPECT_EQ(db.run(copy_in(lease, table(), none, soon())), 0U);
  auto copy = db.run(copy_out(lease, table(), soon()));
  EXPECT_TRUE(db.run(copy.next()).empty());
  EXPECT_TRUE(db.run(copy.next()).empty());
  EXPECT_TRUE(lease_works());
}

TEST_F(CopiesOut, GivesRawFields) {
  CopyOut copy = open("select 7, null::text, 'abc'");
  const auto rows = db.run(copy.next());
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].columns(), 3U);
  EXPECT_EQ(rows[0].get<type::Int4>(0), 7);
  EXPECT_EQ(rows[0].field(1), std::nullopt);
  EXPECT_EQ(rows[0].field(2), "abc");
}

TEST_F(CopiesOut, AStatementThatIsNoBinaryCopyIsRefused) {
  EXPECT_EQ(error_of([&] { return db.run(lease.copy_out("select 1", soon())); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_TRUE(lease_works());
  EXPECT_EQ(
      error_of([&] { return db.run(lease.copy_out("copy nothing to stdout", soon())); }).sqlstate(),
      "42P01");
  EXPECT_TRUE(lease_works());
  EXPECT_EQ(
      error_of([&] { return db.run(lease.copy_out("copy (select 1) to stdout", soon())); }).kind(),
      ErrorKind::invalid_argument);
  EXPECT_FALSE(lease.connection().usable());
}

TEST_F(CopiesOut, AnErrorMidwayIsThrownAndTheLeaseGoesOn) {
  CopyOut copy = open("select 1 / (50000 - n) from generate_series(1, 100000) n");
  EXPECT_EQ(error_of([&] { return db.run(count(copy)); }).sqlstate(), "22012");
  EXPECT_TRUE(lease_works());
}

TEST_F(CopiesOut, StoppedHalfwayTheLeaseGoesOn) {
  CopyOut copy = open(k_endless);
  EXPECT_FALSE(db.run(copy.next()).empty());
  db.run(copy.stop());
  EXPECT_TRUE(db.run(copy.next()).empty());
  EXPECT_TRUE(lease_works());
}

TEST_F(CopiesOut, DroppedHalfwayTheConnectionIsNeverUsedAgain) {
  const int pid = lease.connection().server_pid();
  {
    CopyOut copy = open(k_endless);
    EXPECT_FALSE(db.run(copy.next()).empty());
  }
  EXPECT_FALSE(lease.connection().usable());
  lease = db.run(db.pool.acquire(soon()));
  EXPECT_NE(lease.connection().server_pid(), pid);
}

TEST_F(CopiesOut, AtTheDeadlineItIsCancelledAndTheLeaseGoesOn) {
  CopyOut copy = open(k_stalling, Deadline::after(300ms));
  EXPECT_EQ(error_of([&] { return db.run(count(copy)); }).kind(), ErrorKind::timeout);
  EXPECT_TRUE(lease_works());
}

TEST_F(CopiesOut, AServerThatEndsInTheMiddleIsALoss) {
  CopyOut copy = open(
      "select case when n = 5000 then pg_terminate_backend(pg_backend_pid()) end, "
      "repeat('x', 1000) from generate_series(1, 1000000) n");
  const Error error = error_of([&] { return db.run(count(copy)); });
  EXPECT_TRUE(error.connection_lost()) << error.what();
  EXPECT_FALSE(lease.connection().usable());
}

TEST_F(CopiesOut, CancelledWithItsCallerTheLeaseGoesOn) {
  CopyOut copy = open(k_stalling);
  Running<std::size_t> waiting(db.runtime, count(copy));
  EXPECT_TRUE(eventually([&] { return sleeps(); }));
  waiting.cancel();
  EXPECT_EQ(error_of([&] { return waiting.get(); }).kind(), ErrorKind::cancelled);
  EXPECT_TRUE(db.run(copy.next()).empty());
  EXPECT_TRUE(lease_works());
}

}  // namespace
}  // namespace loci::pg
