#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace loci::bench {

/// Durations counted in buckets that are at most 1.6% wide, up to 137 s; longer ones count as that.
/// Takes no memory after it is made. The library's own, of 12%, is for a program's statistics: too
/// coarse to compare two clients by.
class Histogram {
public:
  void record(std::chrono::nanoseconds duration) noexcept {
    ++counts_[bucket_of(duration)];
    ++total_;
  }

  void add(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
  }

  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

  /// In microseconds, the middle of its bucket: `share` of the durations are at most this. 0 when
  /// there are none.
  [[nodiscard]] double quantile(double share) const noexcept {
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > rank || (seen == total_ && seen > 0)) return middle_of(i) / 1000;
    }
    return 0;
  }

private:
  // 64 buckets for each power of two from 128 ns on; below that, one for each nanosecond.
  static constexpr int k_bits = 6;
  static constexpr std::size_t k_per_power = std::size_t{1} << k_bits;
  static constexpr std::uint64_t k_longest = (std::uint64_t{1} << 37) - 1;
  static constexpr std::size_t k_buckets = (37 - k_bits + 1) * k_per_power;

  static std::size_t bucket_of(std::chrono::nanoseconds duration) noexcept {
    const auto value = std::min(
        static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)), k_longest);
    const int shift = std::max(std::bit_width(value) - k_bits - 1, 0);
    return static_cast<std::size_t>(shift) * k_per_power + (value >> shift);
  }
  static double middle_of(std::size_t bucket) noexcept {
    const std::size_t shift = std::max<std::size_t>(bucket / k_per_power, 1) - 1;
    const std::size_t first = (bucket - shift * k_per_power) << shift;
    return static_cast<double>(first) + static_cast<double>((std::size_t{1} << shift) - 1) / 2;
  }

  std::array<std::uint32_t, k_buckets> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace loci::bench
