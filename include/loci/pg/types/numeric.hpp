#pragma once
#include <loci/pg/binary.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace loci {
namespace pg::type {
struct Numeric;
}

/// A decimal number of any size without loss, kept as the text that the server would write. It does
/// no arithmetic.
///
/// Equality is that of the text, so scale counts: `1.0` is not `1.00`, and NaN equals itself.
class Decimal {
public:
  Decimal() = default;  ///< 0
  explicit Decimal(std::int64_t whole) : text_(std::to_string(whole)) {}

  /// Reads `[+-]digits[.digits][e[+-]digits]` or, in any case, `NaN`, `Infinity` or `inf` (the last
  /// two with a sign or without); `1.50e1` is `15.0`. nullopt for anything else, blanks included,
  /// and for more than PostgreSQL keeps: 131,072 digits before the point and 16,383 after it.
  [[nodiscard]] static std::optional<Decimal> parse(std::string_view text);

  /// Digits with a point where there is a scale, `NaN`, `Infinity` or `-Infinity`.
  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  [[nodiscard]] bool is_finite() const noexcept;
  [[nodiscard]] bool is_nan() const noexcept { return text_ == "NaN"; }
  /// Digits after the point; 0 for what is not finite.
  [[nodiscard]] std::size_t scale() const noexcept;

  bool operator==(const Decimal&) const = default;

private:
  friend struct pg::type::Numeric;  // makes them from digits
  explicit Decimal(std::string text) : text_(std::move(text)) {}
  std::string text_ = "0";
};

}  // namespace loci

namespace loci::pg::type {

/// numeric, with the scale that each value has.
struct Numeric {
  using Value = Decimal;
  static constexpr TypeId id{1700};
  static void encode(Encoder& out, const Decimal& value);
  static Decimal decode(std::string_view bytes);
};

}  // namespace loci::pg::type
