#pragma once
#include <loci/base/backoff.hpp>

#include <chrono>

namespace loci::pg {

/// When a pool may connect again after a failure: exponential backoff with full jitter. No clock of
/// its own.
class ReconnectBackoff {
public:
  using Clock = std::chrono::steady_clock;
  using Duration = std::chrono::milliseconds;
  static constexpr Duration k_first{100};

  explicit ReconnectBackoff(Duration cap) : cap_(cap) {}

  /// `jitter` is even in [0, 1). Failures that come while a pause lasts are those of attempts that
  /// began before it: they do not make it longer.
  void failed(Clock::time_point now, double jitter) {
    if (now < until_) return;
    const Duration limit = backoff_limit(k_first, cap_, ++failures_);
    const auto pause = static_cast<double>(Clock::duration(limit).count()) * jitter;
    until_ = now + Clock::duration(static_cast<Clock::rep>(pause));
  }
  void succeeded() {
    failures_ = 0;
    until_ = {};
  }
  /// No connect before this.
  [[nodiscard]] Clock::time_point until() const { return until_; }

private:
  const Duration cap_;
  int failures_ = 0;
  Clock::time_point until_;
};

}  // namespace loci::pg
