#pragma once
#include <loci/pg/types/nested.hpp>
#include <loci/pg/types/numeric.hpp>
#include <loci/pg/types/scalar.hpp>
#include <loci/pg/types/temporal.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace loci {

/// The values between two bounds; a bound that is not there leaves its side open for ever.
///
/// The server brings ranges of whole numbers and days to the form `[lower, upper)`, and turns
/// those that hold nothing into the empty range. Bounds in the wrong order it refuses (22000).
template <class T>
struct Range {
  std::optional<T> lower;
  std::optional<T> upper;
  bool lower_inclusive = true;   ///< Of no meaning without a lower bound.
  bool upper_inclusive = false;  ///< Of no meaning without an upper bound.
  bool empty = false;            ///< Holds nothing; bounds are of no meaning.

  [[nodiscard]] static Range nothing() {
    Range range;
    range.empty = true;
    return range;
  }

  /// What is of no meaning is not compared.
  bool operator==(const Range& other) const {
    if (empty || other.empty) return empty == other.empty;
    return lower == other.lower && upper == other.upper &&
           (!lower || lower_inclusive == other.lower_inclusive) &&
           (!upper || upper_inclusive == other.upper_inclusive);
  }
};

}  // namespace loci

namespace loci::pg::type {

namespace detail {
/// What a range says of itself in front of its bounds.
struct RangeHead {
  bool empty;
  bool lower_inclusive;
  bool upper_inclusive;
  bool has_lower;
  bool has_upper;
};
void range_head(Encoder& out, const RangeHead& head);
/// Errors: Error{protocol} for flags that contradict each other or are not known.
RangeHead range_head(Decoder& in);
}  // namespace detail

struct Timestamp;  // types/local_timestamp.hpp

/// A range type over Bound, one of the types of this namespace.
template <class Bound, std::uint32_t oid>
struct RangeOf {
  using Value = loci::Range<typename Bound::Value>;
  static constexpr TypeId id{oid};

  static void encode(Encoder& out, const Value& value) {
    const bool has_lower = !value.empty && value.lower.has_value();
    const bool has_upper = !value.empty && value.upper.has_value();
    detail::range_head(out, {.empty = value.empty,
                             .lower_inclusive = has_lower && value.lower_inclusive,
                             .upper_inclusive = has_upper && value.upper_inclusive,
                             .has_lower = has_lower,
                             .has_upper = has_upper});
    if (has_lower) detail::encode_nested<Bound>(out, *value.lower);
    if (has_upper) detail::encode_nested<Bound>(out, *value.upper);
  }
  static Value decode(std::string_view bytes) {
    Decoder in(bytes);
    const detail::RangeHead head = detail::range_head(in);
    const auto bound = [&in] {
      return Bound::decode(detail::nested_bytes_not_null(in, "a range"));
    };
    Value value;
    value.lower_inclusive = head.lower_inclusive;
    value.upper_inclusive = head.upper_inclusive;
    value.empty = head.empty;
    if (head.has_lower) value.lower = bound();
    if (head.has_upper) value.upper = bound();
    in.expect_end();
    return value;
  }
};
using Int4Range = RangeOf<Int4, 3904>;
using Int8Range = RangeOf<Int8, 3926>;
using NumRange = RangeOf<Numeric, 3906>;
using DateRange = RangeOf<Date, 3912>;
using TsRange = RangeOf<Timestamp, 3908>;
using TstzRange = RangeOf<Timestamptz, 3910>;

}  // namespace loci::pg::type
