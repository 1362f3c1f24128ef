#pragma once
#include <loci/base/clock.hpp>
#include <loci/base/time.hpp>
#include <loci/pg/binary.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace loci {

/// A span of time in the three parts that PostgreSQL keeps apart, because a month has no fixed
/// length and neither has a day where clocks change. Each part has its own sign.
///
/// Two intervals are equal when all parts are; the server also calls `1 mon` and `30 days` equal.
struct Interval {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::chrono::microseconds time{0};

  /// Longer than any other; the server has it since version 17.
  [[nodiscard]] static constexpr Interval infinity() noexcept {
    return {std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::max(),
            std::chrono::microseconds::max()};
  }
  [[nodiscard]] static constexpr Interval minus_infinity() noexcept {
    return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::min(),
            std::chrono::microseconds::min()};
  }
  bool operator==(const Interval&) const = default;
};

}  // namespace loci

/// Calendar and clock. encode() throws Error{invalid_argument} for a value that the binary form
/// cannot hold; what the server's type cannot hold beyond that, the server refuses (22008).
namespace loci::pg::type {

/// A day. sys_days::min() and max() stand for -infinity and infinity. The server keeps 4713 BC to
/// the year 5874897; std::chrono::year_month_day is right only for years from -32767 to 32767.
struct Date {
  using Value = std::chrono::sys_days;
  static constexpr TypeId id{1082};
  static void encode(Encoder& out, std::chrono::sys_days value);
  static std::chrono::sys_days decode(std::string_view bytes);
};

/// A time of day without zone: microseconds since midnight, from 0 to 24:00:00 inclusive.
struct Time {
  using Value = std::chrono::microseconds;
  static constexpr TypeId id{1083};
  static void encode(Encoder& out, std::chrono::microseconds value);
  static std::chrono::microseconds decode(std::string_view bytes);
};

/// timestamp with time zone: microseconds from 2000-01-01 on the wire, in UTC. Years after 294246
/// are Error{protocol}.
struct Timestamptz {
  using Value = loci::Timestamp;
  static constexpr TypeId id{1184};
  static void encode(Encoder& out, loci::Timestamp value);
  static loci::Timestamp decode(std::string_view bytes);
};

struct Interval {
  using Value = loci::Interval;
  static constexpr TypeId id{1186};
  static void encode(Encoder& out, const loci::Interval& value);
  static loci::Interval decode(std::string_view bytes);
};

}  // namespace loci::pg::type
