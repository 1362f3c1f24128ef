#include <loci/base/error.hpp>
#include <loci/pg/types/numeric.hpp>

#include <algorithm>
#include <string>

#include "pg/types/decimal.hpp"

// On the wire: the number of groups of four digits, the power of 10,000 of the first one, the sign,
// the scale, the groups.
namespace loci::pg::type {
namespace {

constexpr std::uint16_t k_positive = 0x0000;
constexpr std::uint16_t k_negative = 0x4000;
constexpr std::uint16_t k_nan = 0xC000;
constexpr std::uint16_t k_infinity = 0xD000;
constexpr std::uint16_t k_minus_infinity = 0xF000;
constexpr std::size_t k_group = 4;

[[noreturn]] void bad(const char* what) {
  throw Error(ErrorKind::protocol, std::string("a numeric value from the server has ") + what);
}

void encode_head(Encoder& out, std::size_t groups, std::int64_t weight, std::uint16_t sign,
                 std::size_t scale) {
  out.integer(static_cast<std::uint16_t>(groups));
  out.integer(static_cast<std::int16_t>(weight));
  out.integer(sign);
  out.integer(static_cast<std::uint16_t>(scale));
}

// Digits of `groups` groups; each is four of them.
std::string take_digits(Decoder& in, std::size_t groups) {
  if (in.rest().size() != groups * 2) bad("a length that does not fit its bytes");
  std::string digits;
  digits.reserve(groups * k_group);
  for (std::size_t i = 0; i < groups; ++i) {
    const auto group = in.integer<std::uint16_t>();
    if (group > 9999) bad("a group of digits above 9999");
    for (const unsigned power : {1000U, 100U, 10U, 1U}) {
      digits += static_cast<char>('0' + group / power % 10);
    }
  }
  return digits;
}

}  // namespace

void Numeric::encode(Encoder& out, const Decimal& value) {
  std::string_view text = value.str();
  if (!value.is_finite()) {
    return encode_head(out, 0, 0,
                       value.is_nan()          ? k_nan
                       : text.starts_with('-') ? k_minus_infinity
                                               : k_infinity,
                       0);
  }
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t scale = value.scale();

  // Groups are counted from the point, so zeros fill the first and the last one.
  std::string digits((k_group - point % k_group) % k_group, '0');
  digits += text.substr(0, point);
  auto weight = static_cast<std::int64_t>(digits.size() / k_group) - 1;
  digits += text.substr(text.size() - scale);
  digits.append((k_group - digits.size() % k_group) % k_group, '0');

  std::size_t begin = 0;
  std::size_t end = digits.size();
  const auto is_zero = [&](std::size_t at) { return digits.compare(at, k_group, "0000") == 0; };
  for (; begin < end && is_zero(begin); begin += k_group) --weight;
  while (begin < end && is_zero(end - k_group)) end -= k_group;
  if (begin == end) weight = 0;

  encode_head(out, (end - begin) / k_group, weight, negative ? k_negative : k_positive, scale);
  for (std::size_t at = begin; at < end; at += k_group) {
    std::uint16_t group = 0;
    for (std::size_t i = 0; i < k_group; ++i) {
      group = static_cast<std::uint16_t>(group * 10 + (digits[at + i] - '0'));
    }
    out.integer(group);
  }
}

Decimal Numeric::decode(std::string_view bytes) {
  Decoder in(bytes);
  const auto groups = in.integer<std::uint16_t>();
  const auto weight = in.integer<std::int16_t>();
  const auto sign = in.integer<std::uint16_t>();
  const auto scale = in.integer<std::uint16_t>();
  const std::string digits = take_digits(in, groups);
  switch (sign) {
    case k_positive:
    case k_negative:
      break;
    case k_nan:
      return Decimal(std::string("NaN"));
    case k_infinity:
      return Decimal(std::string("Infinity"));
    case k_minus_infinity:
      return Decimal(std::string("-Infinity"));
    default:
      bad("an unknown sign");
  }
  if (scale > k_max_scale) bad("a scale above 16383");
  const std::int64_t point = (std::int64_t{weight} + 1) * std::int64_t{k_group};
  // Digits behind the scale would be lost; the server sends none.
  const std::size_t last = digits.find_last_not_of('0');
  if (last != std::string::npos && static_cast<std::int64_t>(last) >= point + scale) {
    bad("digits behind its scale");
  }
  return Decimal(plain_decimal(sign == k_negative, digits, point, scale));
}

}  // namespace loci::pg::type
