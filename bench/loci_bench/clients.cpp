#include "clients.hpp"

#include <loci/base/error.hpp>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <future>
#include <memory>
#include <random>
#include <stdexcept>

#include "operations.hpp"

namespace loci::bench {

namespace asio = boost::asio;

namespace {

constexpr auto k_patience = std::chrono::seconds(30);

// What all clients of a cell share.
struct Cell {
  pg::Pool& pool;
  const Inputs& inputs;
  const Options& options;
  Window window;
  std::atomic_flag told;  // the first failure, on stderr; the others are only counted
};

// True when the operation succeeded and gave as many rows as it must.
template <class Operation>
asio::awaitable<bool> succeeds(Cell& cell, Random& random, Deadline deadline) {
  try {
    co_return Operation::right(co_await Operation::start(cell.pool, cell.inputs, random, deadline));
  } catch (const std::exception& error) {
    if (!cell.told.test_and_set()) std::fprintf(stderr, "loci-bench: %s\n", error.what());
    co_return false;
  }
}

template <class Operation, class SlowOperation>
asio::awaitable<void> closed_loop(Cell& cell, Counts& counts, std::uint64_t seed) {
  Random random(seed);
  Clock::time_point start = Clock::now();
  while (!cell.window.over()) {
    const Deadline deadline(start + k_patience);
    const bool slow = cell.options.slow_share > 0 && random.chance(cell.options.slow_share);
    const bool good = slow ? co_await succeeds<SlowOperation>(cell, random, deadline)
                           : co_await succeeds<Operation>(cell, random, deadline);
    const Clock::time_point end = Clock::now();
    if (cell.window.open()) {
      if (good) {
        (slow ? counts.slow : counts.latencies).record(end - start);
      } else {
        ++counts.errors;
      }
    }
    start = end;
  }
}

using Loop = asio::awaitable<void> (*)(Cell&, Counts&, std::uint64_t);

template <class SlowOperation>
Loop loop_of(std::string_view workload) {
  if (workload == "W1") return closed_loop<PointRead, SlowOperation>;
  if (workload == "W2") return closed_loop<List, SlowOperation>;
  if (workload == "W3") return closed_loop<Insert, SlowOperation>;
  if (workload == "W4") return closed_loop<InsertMany, SlowOperation>;
  if (workload == "W6") return closed_loop<Nearest, SlowOperation>;
  throw std::invalid_argument("no such workload");
}

}  // namespace

asio::awaitable<Inputs> prepare(pg::Pool& pool, const Options& options) {
  const Deadline deadline = Deadline::after(k_patience);
  std::vector<pg::Lease> leases;
  for (int i = 0; i < options.pool; ++i) leases.push_back(co_await pool.acquire(deadline));
  Inputs inputs;
  if (options.workload == "W6") {
    inputs.vectors = co_await leases[0].run(BenchQueries{}, deadline);
  } else {
    inputs.keys = co_await leases[0].run(BenchKeys{}, deadline);
  }
  if (inputs.keys.empty() && inputs.vectors.empty()) {
    throw std::runtime_error("the database has no keys to draw from");
  }
  co_return inputs;
}

Counts run_clients(Runtime& runtime, pg::Pool& pool, const Inputs& inputs, const Options& options,
                   Span& span) {
  Cell cell{pool, inputs, options, {}, {}};
  const Loop loop = options.slow_shared ? loop_of<Slow<pg::Lane::shared>>(options.workload)
                                        : loop_of<Slow<pg::Lane::exclusive>>(options.workload);
  std::vector<Counts> counts(static_cast<std::size_t>(options.clients));
  std::vector<std::future<void>> loops;
  std::random_device entropy;
  for (Counts& mine : counts) {
    const std::uint64_t seed = std::uint64_t{entropy()} << 32 | entropy();
    loops.push_back(asio::co_spawn(runtime.executor(), loop(cell, mine, seed), asio::use_future));
  }
  span = cell.window.pass(std::chrono::duration<double>(options.warmup),
                          std::chrono::duration<double>(options.seconds));
  Counts all;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    loops[i].get();
    all.add(counts[i]);
  }
  return all;
}

}  // namespace loci::bench
