#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace loci {

/// How durations are spread, in buckets that grow with them: a value is known within 1/8 of itself,
/// from 1 us to 12 days; what is longer counts as that long. 2.5 kB, a plain value; no lock of its
/// own.
class Histogram {
public:
  using Duration = std::chrono::microseconds;

  /// Negative durations count as zero.
  void record(std::chrono::nanoseconds duration) noexcept;
  /// Adds what another one has seen.
  void merge(const Histogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] Duration sum() const noexcept { return sum_; }
  /// How many were shorter than `end`: exact where that is a power of two of microseconds, else
  /// short by those in the same bucket.
  [[nodiscard]] std::uint64_t count_below(Duration end) const noexcept;
  /// The duration that the share `q` of all (0 to 1) did not exceed, rounded up to the end of its
  /// bucket; zero when there are none.
  [[nodiscard]] Duration quantile(double q) const noexcept;

private:
  static constexpr unsigned k_steps_log2 = 3;  // buckets for each doubling: 2^3
  static constexpr unsigned k_bits = 40;       // of the longest duration, in microseconds
  static constexpr std::size_t k_buckets = (k_bits - k_steps_log2 + 1) << k_steps_log2;

  static std::size_t bucket(std::uint64_t microseconds) noexcept;
  static std::uint64_t last_of(std::size_t bucket) noexcept;

  std::array<std::uint64_t, k_buckets> counts_{};
  std::uint64_t count_ = 0;
  Duration sum_{0};
};

}  // namespace loci
