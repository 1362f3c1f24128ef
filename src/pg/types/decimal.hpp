#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace loci::pg {

/// What PostgreSQL's numeric can hold.
inline constexpr std::int64_t k_max_whole_digits = 131'072;
inline constexpr std::int64_t k_max_scale = 16'383;

/// Writes 0.DIGITS times ten to the power of `point` with `scale` digits after the point, as the
/// server does: no needless zeros in front, no sign on zero.
/// Preconditions: `point` and `scale` are within the limits; no digit but 0 lies behind the scale.
[[nodiscard]] std::string plain_decimal(bool negative, std::string_view digits, std::int64_t point,
                                        std::size_t scale);

}  // namespace loci::pg
