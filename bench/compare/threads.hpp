#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "loci_bench/figures.hpp"
#include "loci_bench/options.hpp"
#include "loci_bench/random.hpp"

/// Closed loops for libraries that block: a thread for each client, and a pool as one writes it in
/// an afternoon.
namespace loci::bench {

template <class Connection>
class BlockingPool {
public:
  void add(std::unique_ptr<Connection> connection) { give_back(std::move(connection)); }

  /// Lends a connection to `work` and gives its result.
  template <class Work>
  auto with(Work work) {
    Loan loan(*this);
    return work(*loan.connection);
  }

private:
  struct Loan {
    explicit Loan(BlockingPool& from) : pool(from), connection(from.take()) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() { pool.give_back(std::move(connection)); }
    BlockingPool& pool;
    std::unique_ptr<Connection> connection;
  };
  std::unique_ptr<Connection> take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !idle_.empty(); });
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  void give_back(std::unique_ptr<Connection> connection) {
    {
      const std::scoped_lock lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    returned_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

/// Runs `operation(Random&)`, which says whether the answer was right, on every client's thread.
template <class Operation>
void run_threads(const Options& options, Operation operation) {
  Window window;
  std::atomic_flag told;
  std::vector<Counts> counts(static_cast<std::size_t>(options.clients));
  std::vector<std::jthread> threads;
  for (Counts& mine : counts) {
    threads.emplace_back([&window, &told, &mine, operation] {
      Random random(std::uint64_t{std::random_device()()} << 32 | std::random_device()());
      Clock::time_point start = Clock::now();
      while (!window.over()) {
        bool good = false;
        try {
          good = operation(random);
        } catch (const std::exception& error) {
          if (!told.test_and_set()) std::fprintf(stderr, "%s\n", error.what());
        }
        const Clock::time_point end = Clock::now();
        if (window.open()) {
          if (good) {
            mine.latencies.record(end - start);
          } else {
            ++mine.errors;
          }
        }
        start = end;
      }
    });
  }
  const Span span = window.pass(std::chrono::duration<double>(options.warmup),
                                std::chrono::duration<double>(options.seconds));
  threads.clear();  // joins
  Counts all;
  for (const Counts& one : counts) all.add(one);
  print(all, span);
}

}  // namespace loci::bench
