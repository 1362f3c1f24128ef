#include "pg/types/decimal.hpp"

#include <loci/pg/types/numeric.hpp>

#include <algorithm>
#include <charconv>

namespace loci {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(
      text, lower, {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; });
}

std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  const std::string_view digits(text.begin(), end);
  text.remove_prefix(digits.size());
  return digits;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// What is left of `text` as an exponent; an absent one is 0.
std::optional<int> take_exponent(std::string_view text) {
  if (text.empty()) return 0;
  if (!take(text, 'e') && !take(text, 'E')) return std::nullopt;
  if (take(text, '+') && text.starts_with('-')) return std::nullopt;
  int exponent = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return exponent;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  if (equals_ignoring_case(text, "nan")) return Decimal(std::string("NaN"));
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  if (equals_ignoring_case(text, "infinity") || equals_ignoring_case(text, "inf")) {
    return Decimal(std::string(negative ? "-Infinity" : "Infinity"));
  }
  std::string digits(take_digits(text));
  auto point = static_cast<std::int64_t>(digits.size());
  std::int64_t scale = 0;
  if (take(text, '.')) {
    const std::string_view fraction = take_digits(text);
    scale = static_cast<std::int64_t>(fraction.size());
    digits += fraction;
  }
  const auto exponent = take_exponent(text);
  if (digits.empty() || !exponent) return std::nullopt;
  point += *exponent;
  scale = std::max<std::int64_t>(scale - *exponent, 0);

  const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  const std::string_view significant = std::string_view(digits).substr(zeros);
  point = significant.empty() ? 0 : point - static_cast<std::int64_t>(zeros);
  if (point > pg::k_max_whole_digits || scale > pg::k_max_scale) return std::nullopt;
  return Decimal(pg::plain_decimal(negative, significant, point, static_cast<std::size_t>(scale)));
}

bool Decimal::is_finite() const noexcept {
  return is_digit(text_.back());
}

std::size_t Decimal::scale() const noexcept {
  const std::size_t point = text_.find('.');
  return point == std::string::npos ? 0 : text_.size() - point - 1;
}

}  // namespace loci

namespace loci::pg {

std::string plain_decimal(bool negative, std::string_view digits, std::int64_t point,
                          std::size_t scale) {
  const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  digits.remove_prefix(zeros);
  point -= static_cast<std::int64_t>(zeros);

  std::string text(negative && !digits.empty() ? "-" : "");
  if (digits.empty() || point <= 0) {
    text += '0';
  } else {
    const std::string_view whole = digits.substr(0, static_cast<std::size_t>(point));
    text += whole;
    text.append(static_cast<std::size_t>(point) - whole.size(), '0');
    digits.remove_prefix(whole.size());
  }
  if (scale == 0) return text;
  text += '.';
  const std::size_t end = text.size() + scale;
  if (!digits.empty() && point < 0) {
    text.append(std::min(scale, static_cast<std::size_t>(-point)), '0');
  }
  text += digits.substr(0, end - text.size());
  text.resize(end, '0');
  return text;
}

}  // namespace loci::pg
