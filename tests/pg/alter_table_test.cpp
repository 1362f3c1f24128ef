// Tables are altered while they are read: plans that no longer fit are made anew, and nobody
// notices.
#include <gtest/gtest.h>
#include <array>
#include <atomic>
#include <memory>

#include "pg/ask.hpp"

namespace loci::pg {
namespace {

using test::ask;
using test::awaitable;
using test::Database;
using test::query;
using test::reading;
using test::Running;
using test::soon;
using test::value;

// More than are kept prepared.
constexpr std::array<std::string_view, 4> k_reads{
    "select * from things", "select * from things limit 1", "select things from things",
    "select *, 1 from things"};
constexpr std::size_t k_bound = 3;
constexpr int k_connections = 6;

struct AlteredTable : testing::Test {
  AlteredTable() { db.script("create table things (a int); insert into things values (1)"); }
  static PoolOptions options() {
    PoolOptions made{.max_connections = k_connections};
    made.statement_cache = k_bound;
    return made;
  }
  // How many rows it saw until told to end. Its errors are thrown.
  awaitable<std::uint64_t> reader(std::size_t number) {
    std::uint64_t rows = 0;
    for (std::size_t i = number; !enough; ++i) {
      const std::string_view sql = k_reads[i % k_reads.size()];
      rows += (co_await ask(db.pool, number % 2 == 0 ? reading(sql) : query(sql))).rows();
    }
    co_return rows;
  }
  // As the server counts them, without preparing one more.
  std::int64_t prepared(Lease& lease) {
    db.run(
        lease.script("create temp table counted as select count(*) n from pg_prepared_statements",
                     "count", soon()));
    return db.run(value<type::Int8>(lease, query("select n from counted")));
  }

  Database db{options(), 2};
  std::atomic<bool> enough = false;
};

TEST_F(AlteredTable, NoReaderNoticesAndNoStatementIsLeftBehind) {
  std::vector<std::unique_ptr<Running<std::uint64_t>>> readers;
  for (std::size_t i = 0; i < 20; ++i) {
    readers.push_back(std::make_unique<Running<std::uint64_t>>(db.runtime, reader(i)));
  }
  Database other({.conninfo = db.dsn});
  for (int i = 0; i < 50; ++i) {
    other.script(i % 2 == 0 ? "alter table things add column b text"
                            : "alter table things drop column b");
  }
  enough = true;
  for (auto& each : readers) EXPECT_GT(each->get(), 0U);
  std::vector<Lease> all;
  for (int i = 0; i < k_connections; ++i) all.push_back(db.run(db.pool.acquire(soon())));
  for (Lease& lease : all) EXPECT_LE(prepared(lease), static_cast<std::int64_t>(k_bound));
}

}  // namespace
}  // namespace loci::pg
