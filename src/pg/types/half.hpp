#pragma once
#include <bit>
#include <cstdint>
#include <optional>

/// IEEE 754 half precision by its bits; _Float16 is not in every compiler we build with.
namespace loci::pg {

/// The nearest half, ties to even; nullopt when that is no finite number.
[[nodiscard]] constexpr std::optional<std::uint16_t> to_half(float value) noexcept {
  constexpr std::uint32_t smallest_normal = 0x3880'0000;     // 2^-14
  constexpr std::uint32_t rounds_to_infinity = 0x477F'F000;  // 65520
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  std::uint32_t magnitude = bits & 0x7FFF'FFFFU;
  if (magnitude >= rounds_to_infinity) return std::nullopt;  // NaN too
  if (magnitude < smallest_normal) {
    // Next to 0.5 a float's last bit is worth 2^-24, as a subnormal half's is: the sum rounds.
    constexpr float one_half = 0.5F;
    const float rounded = std::bit_cast<float>(magnitude) + one_half;
    magnitude = std::bit_cast<std::uint32_t>(rounded) - std::bit_cast<std::uint32_t>(one_half);
    return static_cast<std::uint16_t>(sign | magnitude);
  }
  constexpr std::uint32_t exponent_shift = (127U - 15U) << 23;
  const std::uint32_t odd = (magnitude >> 13) & 1U;
  magnitude = (magnitude - exponent_shift + 0xFFFU + odd) >> 13;
  return static_cast<std::uint16_t>(sign | magnitude);
}

/// Exact: every half is a float.
[[nodiscard]] constexpr float from_half(std::uint16_t half) noexcept {
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1FU;
  const std::uint32_t mantissa = half & 0x3FFU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  const std::uint32_t wide = exponent == 0x1FU ? 0xFFU : exponent + (127U - 15U);
  return std::bit_cast<float>(sign | (wide << 23) | (mantissa << 13));
}

}  // namespace loci::pg
