#pragma once
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace loci::bench {

using Clock = std::chrono::steady_clock;

/// User and system time of this process so far.
[[nodiscard]] inline std::chrono::microseconds cpu_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

/// How long something took, and how much CPU.
struct Span {
  double seconds = 0;
  double cpu_seconds = 0;
};

/// Takes a Span from its making to stop().
class Stopwatch {
public:
  [[nodiscard]] Span stop() const {
    const std::chrono::duration<double> time = Clock::now() - start_;
    const std::chrono::duration<double> cpu = cpu_time() - cpu_start_;
    return {time.count(), cpu.count()};
  }

private:
  Clock::time_point start_ = Clock::now();
  std::chrono::microseconds cpu_start_ = cpu_time();
};

/// The measured time: what ends while it is open counts. Clients read it, one thread moves it.
class Window {
public:
  [[nodiscard]] bool open() const noexcept { return phase() == Phase::open; }
  [[nodiscard]] bool over() const noexcept { return phase() == Phase::over; }

  /// Lets `warmup` pass, then `length` with the window open; blocks the calling thread.
  Span pass(std::chrono::duration<double> warmup, std::chrono::duration<double> length) {
    std::this_thread::sleep_for(warmup);
    phase_.store(Phase::open, std::memory_order_relaxed);
    const Stopwatch stopwatch;
    std::this_thread::sleep_for(length);
    phase_.store(Phase::over, std::memory_order_relaxed);
    return stopwatch.stop();
  }

private:
  enum class Phase : std::uint8_t { warmup, open, over };
  [[nodiscard]] Phase phase() const noexcept { return phase_.load(std::memory_order_relaxed); }
  std::atomic<Phase> phase_ = Phase::warmup;
};

}  // namespace loci::bench
