#include <loci/base/histogram.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace loci {

// Below 2^steps each value has its own bucket; above, the highest bits after the leading one choose
// among the steps of its doubling.
std::size_t Histogram::bucket(std::uint64_t microseconds) noexcept {
  constexpr std::uint64_t longest = (std::uint64_t{1} << k_bits) - 1;
  const std::uint64_t value = std::min(microseconds, longest);
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width <= k_steps_log2) return static_cast<std::size_t>(value);
  const unsigned shift = width - 1 - k_steps_log2;
  return (std::size_t{shift} << k_steps_log2) + static_cast<std::size_t>(value >> shift);
}

std::uint64_t Histogram::last_of(std::size_t bucket) noexcept {
  constexpr std::size_t steps = std::size_t{1} << k_steps_log2;
  if (bucket < steps) return bucket;
  const std::size_t shift = (bucket >> k_steps_log2) - 1;
  return ((std::uint64_t{steps + bucket % steps} + 1) << shift) - 1;
}

void Histogram::record(std::chrono::nanoseconds duration) noexcept {
  const Duration rounded =
      std::max(std::chrono::duration_cast<Duration>(duration), Duration::zero());
  ++counts_[bucket(static_cast<std::uint64_t>(rounded.count()))];
  ++count_;
  sum_ += rounded;
}

void Histogram::merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < k_buckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
}

std::uint64_t Histogram::count_below(Duration end) const noexcept {
  if (end <= Duration::zero()) return 0;
  const std::size_t first_left_out = bucket(static_cast<std::uint64_t>(end.count()));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < first_left_out; ++i) below += counts_[i];
  return below;
}

Histogram::Duration Histogram::quantile(double q) const noexcept {
  const double share = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::max<std::uint64_t>(static_cast<std::uint64_t>(share), 1);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < k_buckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return Duration(last_of(i));
  }
  return Duration::zero();
}

}  // namespace loci
