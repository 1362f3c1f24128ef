#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace loci::pg {

/// What one statement has cost of late: an exponentially weighted mean with a weight of 1/4, so
/// that a statement that became slow is known after a few runs, and is forgiven as fast. Any
/// thread; concurrent updates may lose one of the samples.
class StatementCost {
public:
  using Duration = std::chrono::steady_clock::duration;

  void ran(Duration time, std::size_t bytes) noexcept {
    learn(nanoseconds_, static_cast<std::uint64_t>(std::chrono::nanoseconds(time).count()));
    learn(bytes_, bytes);
  }
  /// It was ended, or given up, after this long: so much it takes, and perhaps more.
  void ran_at_least(Duration time) noexcept {
    const auto sample = static_cast<std::uint64_t>(std::chrono::nanoseconds(time).count());
    if (sample > nanoseconds_.load(std::memory_order_relaxed)) learn(nanoseconds_, sample);
  }
  /// Too slow, or too large, to travel with the reads of others.
  [[nodiscard]] bool is_heavy() const noexcept {
    return nanoseconds_.load(std::memory_order_relaxed) > k_heavy_nanoseconds ||
           bytes_.load(std::memory_order_relaxed) > k_heavy_bytes;
  }

private:
  // Others wait as long as the slowest before them; a point read takes 0.1 ms, a list 0.3 ms.
  static constexpr std::uint64_t k_heavy_nanoseconds = 5'000'000;
  static constexpr std::uint64_t k_heavy_bytes = 256 * 1024;

  static void learn(std::atomic<std::uint64_t>& mean, std::uint64_t sample) noexcept {
    const std::uint64_t old = mean.load(std::memory_order_relaxed);
    mean.store(old == 0 ? sample : old - old / 4 + sample / 4, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> nanoseconds_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace loci::pg
