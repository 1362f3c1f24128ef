#pragma once
#include <loci/base/time.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loci {

/// A 128-bit identifier (RFC 9562), sixteen bytes in network order. A plain value.
class Uuid {
public:
  constexpr Uuid() noexcept = default;  ///< The nil UUID.
  constexpr explicit Uuid(std::array<std::uint8_t, 16> bytes) noexcept : bytes_(bytes) {}

  /// A new time-ordered UUID (version 7): 48 bits of milliseconds, a counter that keeps ids of one
  /// thread in order within a millisecond, and random bits. Safe from any thread.
  [[nodiscard]] static Uuid v7();

  /// A UUID of version 8 with the layout of version 7, whose random bits are a hash of `name`: the
  /// same time and name always give the same id. The idempotency key of imported records.
  /// Times before 1970 count as 1970.
  [[nodiscard]] static Uuid derived(Timestamp time, std::string_view name);

  /// Reads the 36-character form, either case; nullopt when it is anything else.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text) noexcept;

  [[nodiscard]] std::string str() const;  ///< 36 characters, lower case.
  [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& bytes() const noexcept {
    return bytes_;
  }
  [[nodiscard]] constexpr bool is_nil() const noexcept { return *this == Uuid{}; }

  constexpr auto operator<=>(const Uuid&) const noexcept = default;

private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace loci

template <>
struct std::hash<loci::Uuid> {
  [[nodiscard]] std::size_t operator()(const loci::Uuid& id) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      high = high << 8 | id.bytes()[i];
      low = low << 8 | id.bytes()[i + 8];
    }
    return static_cast<std::size_t>((high * 0x9e3779b97f4a7c15ULL) ^ low);
  }
};
