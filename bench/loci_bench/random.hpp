#pragma once
#include <loci/base/uuid.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace loci::bench {

/// SplitMix64: eight bytes of state for each client, and quick enough not to be measured.
class Random {
public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  [[nodiscard]] std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  [[nodiscard]] std::size_t below(std::size_t bound) noexcept { return next() % bound; }
  [[nodiscard]] bool chance(double share) noexcept {
    return static_cast<double>(next() >> 11) * 0x1p-53 < share;
  }
  /// Not ordered by time, as the contract has it: inserts land anywhere in the index.
  [[nodiscard]] Uuid uuid() noexcept {
    const std::uint64_t halves[2] = {next(), next()};
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), halves, sizeof halves);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    return Uuid(bytes);
  }

private:
  std::uint64_t state_;
};

}  // namespace loci::bench
