// What does a pool do under three times its capacity, and what does waiting cost? README.md has the
// answer.
//
//   pool_bench [SECONDS]     of each run; default 3
#include <loci/base/error.hpp>
#include <loci/base/histogram.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using loci::Deadline;
using loci::Histogram;
using loci::pg::Lease;
using loci::pg::Pool;
using loci::pg::PoolOptions;
using Clock = Deadline::Clock;

constexpr int k_connections = 10;
constexpr int k_waiters = 10'000;

struct NoParameters {
  static constexpr auto cardinality = loci::pg::Cardinality::exec;
  void bind(loci::pg::Params& /*params*/) const {}
};
// Keeps a core of the server busy.
struct Work : NoParameters {
  static constexpr loci::pg::Statement statement{
      .name = "Work", .sql = "select count(*) from generate_series(1, 2000)"};
};
// Holds a connection and costs no CPU: what is slow then is the queue, and not the machine.
struct Nap : NoParameters {
  static constexpr loci::pg::Statement statement{.name = "Nap", .sql = "select pg_sleep(0.005)"};
};

// What one run saw; its callers share it.
struct Tally {
  std::mutex mutex;
  std::uint64_t done = 0;
  Histogram waits;
  Histogram runs;  // of the statement, once it has a connection
  Histogram refusals;
};

asio::awaitable<void> pause() {
  asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
  co_await timer.async_wait(asio::use_awaitable);
}

template <class Query>
asio::awaitable<void> call(Pool& pool, Tally& tally, Clock::time_point end) {
  while (Clock::now() < end) {
    const auto asked = Clock::now();
    std::optional<Lease> lease;
    try {
      lease.emplace(co_await pool.acquire(Deadline::after(30s)));
    } catch (const loci::Error&) {
      // refused, told apart below
    }
    const auto got = Clock::now();
    if (lease) (void)co_await lease->run(Query{}, Deadline::after(30s));
    {
      const std::scoped_lock lock(tally.mutex);
      if (lease) ++tally.done;
      if (lease) tally.runs.record(Clock::now() - got);
      (lease ? tally.waits : tally.refusals).record(got - asked);
    }
    if (!lease) co_await pause();
  }
}

template <class Query>
void run(loci::Runtime& runtime, const PoolOptions& options, int callers, double seconds,
         const char* name) {
  Pool pool(runtime.executor(), options);
  Tally warm;
  Tally tally;
  for (Tally* each : {&warm, &tally}) {
    const auto length = std::chrono::duration<double>(each == &warm ? 0.5 : seconds);
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(length);
    std::vector<std::future<void>> running;
    for (int i = 0; i < callers; ++i) {
      running.push_back(
          asio::co_spawn(runtime.executor(), call<Query>(pool, *each, end), asio::use_future));
    }
    for (auto& one : running) one.get();
  }
  const auto microseconds = [](Histogram::Duration time) {
    return static_cast<long long>(time.count());
  };
  std::printf("%-34s %7.0f/s; statement median %lld us, longest %lld us; ", name,
              static_cast<double>(tally.done) / seconds, microseconds(tally.runs.quantile(0.5)),
              microseconds(tally.runs.quantile(1)));
  std::printf("wait median %lld us, p99 %lld us, longest %lld us",
              microseconds(tally.waits.quantile(0.5)), microseconds(tally.waits.quantile(0.99)),
              microseconds(tally.waits.quantile(1)));
  if (tally.refusals.count() > 0) {
    std::printf("; %llu refused, median %lld us, p99 %lld us, longest %lld us",
                static_cast<unsigned long long>(tally.refusals.count()),
                microseconds(tally.refusals.quantile(0.5)),
                microseconds(tally.refusals.quantile(0.99)),
                microseconds(tally.refusals.quantile(1)));
  }
  std::printf("\n");
}

// Resident memory of this process, in bytes.
std::size_t resident() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t pages = 0;
  file >> all >> pages;
  return pages * 4096;
}

asio::awaitable<void> wait_for_one(Pool& pool) {
  const Lease lease = co_await pool.acquire(Deadline::after(60s));
}

void measure_waiters(loci::Runtime& runtime, PoolOptions options) {
  options.max_connections = 1;
  options.max_waiters = 0;
  options.acquire_timeout = 60s;
  Pool pool(runtime.executor(), options);
  std::optional<Lease> held = runtime.wait(pool.acquire(Deadline::after(30s)));
  std::vector<std::future<void>> waiting;
  waiting.reserve(k_waiters);
  const std::size_t before = resident();
  for (int i = 0; i < k_waiters; ++i) {
    waiting.push_back(asio::co_spawn(runtime.executor(), wait_for_one(pool), asio::use_future));
  }
  while (pool.statistics().waiting < k_waiters) std::this_thread::yield();
  const std::size_t after = resident();
  const auto start = Clock::now();
  held.reset();
  for (auto& each : waiting) each.get();
  const std::chrono::duration<double, std::micro> took = Clock::now() - start;
  std::printf("%d waiters: %zu bytes each; served in turn, %.2f us each\n", k_waiters,
              (after - before) / k_waiters, took.count() / k_waiters);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 3;
    const auto server = loci::pg::EmbeddedServer::open({.throwaway = true});
    loci::Runtime runtime(1);
    PoolOptions options{
        .conninfo = server.dsn(), .max_connections = k_connections, .acquire_timeout = 30s};
    measure_waiters(runtime, options);
    std::printf("a statement that keeps a core busy:\n");
    run<Work>(runtime, options, k_connections, seconds, "as many callers as connections");
    run<Work>(runtime, options, 3 * k_connections, seconds, "three times as many");
    std::printf("a statement of 5 ms without CPU:\n");
    run<Nap>(runtime, options, k_connections, seconds, "as many callers as connections");
    run<Nap>(runtime, options, 3 * k_connections, seconds, "three times as many");
    options.max_waiters = k_connections;
    run<Work>(runtime, options, 3 * k_connections, seconds, "busy, a third of them refused");
    run<Nap>(runtime, options, 3 * k_connections, seconds, "5 ms, a third of them refused");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pool_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
