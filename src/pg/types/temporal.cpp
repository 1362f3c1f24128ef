#include <loci/base/error.hpp>
#include <loci/pg/types/local_timestamp.hpp>
#include <loci/pg/types/temporal.hpp>

namespace loci::pg::type {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::sys_days;

// 2000-01-01 on the Unix clock.
constexpr std::int64_t k_epoch_days = 10'957;
constexpr std::int64_t k_epoch_micros = k_epoch_days * 86'400'000'000;
// The extremes are the infinities, on both sides.
constexpr std::int64_t k_earliest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t k_latest = std::numeric_limits<std::int64_t>::max();
constexpr std::int32_t k_first_day = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t k_last_day = std::numeric_limits<std::int32_t>::max();
constexpr microseconds k_midnight_after = days(1);

[[noreturn]] void cannot_keep() {
  throw Error(ErrorKind::invalid_argument, "a time lies outside what PostgreSQL can keep");
}

void encode_micros(Encoder& out, std::int64_t micros) {
  if (micros == k_earliest || micros == k_latest) return out.integer(micros);
  // What would come out as -infinity must not be sent either.
  if (micros <= k_earliest + k_epoch_micros) cannot_keep();
  out.integer(micros - k_epoch_micros);
}

std::int64_t decode_micros(std::string_view bytes) {
  Decoder in(bytes);
  const auto micros = in.integer<std::int64_t>();
  in.expect_end();
  if (micros == k_earliest || micros == k_latest) return micros;
  // PostgreSQL's years end in 294276, those of 64 bits of microseconds from 1970 in 294247.
  if (micros >= k_latest - k_epoch_micros) {
    throw Error(ErrorKind::protocol, "a time from the server lies beyond the year 294246");
  }
  return micros + k_epoch_micros;
}

bool is_time_of_day(microseconds value) {
  return value >= microseconds::zero() && value <= k_midnight_after;
}

}  // namespace

void Date::encode(Encoder& out, sys_days value) {
  if (value == sys_days::min()) return out.integer(k_first_day);
  if (value == sys_days::max()) return out.integer(k_last_day);
  const std::int64_t day = value.time_since_epoch().count();
  if (day <= k_first_day + k_epoch_days || day >= k_last_day + k_epoch_days) cannot_keep();
  out.integer(static_cast<std::int32_t>(day - k_epoch_days));
}

sys_days Date::decode(std::string_view bytes) {
  Decoder in(bytes);
  const auto day = in.integer<std::int32_t>();
  in.expect_end();
  if (day == k_first_day) return sys_days::min();
  if (day == k_last_day) return sys_days::max();
  return sys_days(days(day + k_epoch_days));
}

void Time::encode(Encoder& out, microseconds value) {
  if (!is_time_of_day(value)) {
    throw Error(ErrorKind::invalid_argument, "a time of day lies outside 00:00 to 24:00");
  }
  out.integer(std::int64_t{value.count()});
}

microseconds Time::decode(std::string_view bytes) {
  Decoder in(bytes);
  const microseconds value(in.integer<std::int64_t>());
  in.expect_end();
  if (!is_time_of_day(value)) {
    throw Error(ErrorKind::protocol, "a time of day from the server lies outside 00:00 to 24:00");
  }
  return value;
}

void Timestamp::encode(Encoder& out, LocalTimestamp value) {
  encode_micros(out, value.time_since_epoch().count());
}

LocalTimestamp Timestamp::decode(std::string_view bytes) {
  return LocalTimestamp(microseconds(decode_micros(bytes)));
}

void Timestamptz::encode(Encoder& out, loci::Timestamp value) {
  encode_micros(out, value.time_since_epoch().count());
}

loci::Timestamp Timestamptz::decode(std::string_view bytes) {
  return loci::Timestamp(microseconds(decode_micros(bytes)));
}

void Interval::encode(Encoder& out, const loci::Interval& value) {
  out.integer(std::int64_t{value.time.count()});
  out.integer(value.days);
  out.integer(value.months);
}

loci::Interval Interval::decode(std::string_view bytes) {
  Decoder in(bytes);
  loci::Interval value;
  value.time = microseconds(in.integer<std::int64_t>());
  value.days = in.integer<std::int32_t>();
  value.months = in.integer<std::int32_t>();
  in.expect_end();
  return value;
}

}  // namespace loci::pg::type
