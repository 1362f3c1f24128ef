// How often does the client allocate for a query? README.md has the answer.
//
//   allocation_bench [QUERIES]     of each kind; default 20,000
//
// Counted is what C++ asks for; libpq's own (a result and its rows) is malloc's and not in it.
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>
#include <loci/pg/types.hpp>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <new>
#include <vector>

namespace {

std::atomic<std::uint64_t> g_allocations{0};

}  // namespace

void* operator new(std::size_t size) {
  g_allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using loci::Deadline;
using loci::pg::Pool;

template <loci::pg::Lane lane>
struct Echo {
  static constexpr loci::pg::Statement statement{
      .name = "Echo", .sql = "select $1::int8", .lane = lane};
  static constexpr auto cardinality = loci::pg::Cardinality::one;
  std::int64_t value = 0;
  struct Row {
    std::int64_t value;
  };
  void bind(loci::pg::Params& params) const { params.add<loci::pg::type::Int8>(value); }
  static Row decode(const loci::pg::RowView& row) { return {row.get<loci::pg::type::Int8>(0)}; }
};

template <loci::pg::Lane lane>
asio::awaitable<void> ask(Pool& pool, int queries) {
  for (int i = 0; i < queries; ++i) (void)co_await pool.run(Echo<lane>{i}, Deadline::after(30s));
}

template <loci::pg::Lane lane>
void count(loci::Runtime& runtime, Pool& pool, int callers, int queries, const char* name) {
  std::uint64_t before = 0;
  for (const bool counted : {false, true}) {
    before = g_allocations.load();
    std::vector<std::future<void>> running;
    for (int i = 0; i < callers; ++i) {
      running.push_back(asio::co_spawn(runtime.executor(),
                                       ask<lane>(pool, counted ? queries / callers : 100),
                                       asio::use_future));
    }
    for (auto& each : running) each.get();
  }
  std::printf("%-34s %.2f allocations a query\n", name,
              static_cast<double>(g_allocations.load() - before) / queries);
}

}  // namespace

int main(int argc, char** argv) {
  const int queries = argc > 1 ? std::atoi(argv[1]) : 20'000;
  const auto server =
      loci::pg::EmbeddedServer::open({.data_dir = {}, .bin_dir = {}, .throwaway = true});
  loci::Runtime runtime{1};
  Pool pool(runtime.executor(), {.conninfo = server.dsn(), .max_connections = 10});
  using enum loci::pg::Lane;
  count<shared>(runtime, pool, 1, queries, "shared lane, one caller");
  count<shared>(runtime, pool, 64, queries, "shared lane, 64 callers");
  count<exclusive>(runtime, pool, 1, queries, "a connection each, one caller");
  count<exclusive>(runtime, pool, 64, queries, "a connection each, 64 callers");
}
