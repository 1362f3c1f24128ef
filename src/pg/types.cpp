#include <loci/base/error.hpp>
#include <loci/pg/types.hpp>

#include <cmath>
#include <limits>

namespace loci::pg::type {
namespace {

// 2000-01-01 in microseconds of the Unix clock.
constexpr std::int64_t k_postgres_epoch = 946'684'800'000'000;
constexpr std::int64_t k_earliest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t k_latest = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t k_max_vector = 16'000;

}  // namespace

bool Bool::decode(std::string_view bytes) {
  Decoder in(bytes);
  const auto value = in.integer<std::uint8_t>();
  in.expect_end();
  return value != 0;
}

float Float4::decode(std::string_view bytes) {
  Decoder in(bytes);
  const float value = in.real32();
  in.expect_end();
  return value;
}

double Float8::decode(std::string_view bytes) {
  Decoder in(bytes);
  const double value = in.real64();
  in.expect_end();
  return value;
}

void Uuid::encode(Encoder& out, const loci::Uuid& value) {
  char raw[16];
  __builtin_memcpy(raw, value.bytes().data(), sizeof raw);
  out.raw(std::string_view(raw, sizeof raw));
}

loci::Uuid Uuid::decode(std::string_view bytes) {
  Decoder in(bytes);
  std::array<std::uint8_t, 16> raw{};
  __builtin_memcpy(raw.data(), in.raw(16).data(), raw.size());
  in.expect_end();
  return loci::Uuid(raw);
}

void Timestamptz::encode(Encoder& out, Timestamp value) {
  const std::int64_t micros = value.time_since_epoch().count();
  if (micros == k_earliest || micros == k_latest) return out.integer(micros);
  if (micros < k_earliest + k_postgres_epoch) {
    throw Error(ErrorKind::invalid_argument, "a time lies before what PostgreSQL can keep");
  }
  out.integer(micros - k_postgres_epoch);
}

Timestamp Timestamptz::decode(std::string_view bytes) {
  Decoder in(bytes);
  const auto micros = in.integer<std::int64_t>();
  in.expect_end();
  if (micros == k_earliest) return Timestamp::min();
  if (micros == k_latest) return Timestamp::max();
  // PostgreSQL's years end in 294276, those of 64 bits of microseconds from 1970 in 294247.
  if (micros >= k_latest - k_postgres_epoch) {
    throw Error(ErrorKind::protocol, "a time from the server lies beyond the year 294246");
  }
  return Timestamp(std::chrono::microseconds(micros + k_postgres_epoch));
}

void Jsonb::encode(Encoder& out, const JsonText& value) {
  out.integer(std::uint8_t{1});  // the version of the format
  out.raw(value.text);
}

JsonText Jsonb::decode(std::string_view bytes) {
  Decoder in(bytes);
  if (in.integer<std::uint8_t>() != 1) {
    throw Error(ErrorKind::protocol, "a jsonb value has an unknown version");
  }
  return {std::string(in.rest())};
}

void Vector::encode(Encoder& out, const loci::Vector& value) {
  if (value.values.empty() || value.values.size() > k_max_vector) {
    throw Error(ErrorKind::invalid_argument,
                "a vector has 1 to 16000 dimensions, not " + std::to_string(value.values.size()));
  }
  out.integer(static_cast<std::uint16_t>(value.values.size()));
  out.integer(std::uint16_t{0});
  for (const float component : value.values) {
    if (!std::isfinite(component)) {
      throw Error(ErrorKind::invalid_argument, "a vector holds NaN or an infinity");
    }
    out.real(component);
  }
}

loci::Vector Vector::decode(std::string_view bytes) {
  Decoder in(bytes);
  const auto dimensions = in.integer<std::uint16_t>();
  (void)in.integer<std::uint16_t>();  // reserved
  loci::Vector value;
  value.values.reserve(dimensions);
  for (std::uint16_t i = 0; i < dimensions; ++i) value.values.push_back(in.real32());
  in.expect_end();
  return value;
}

namespace detail {

std::size_t array_length(Decoder& in) {
  const auto dimensions = in.integer<std::int32_t>();
  (void)in.integer<std::int32_t>();   // whether there are NULLs; each element says so itself
  (void)in.integer<std::uint32_t>();  // element type; the statement was checked when prepared
  if (dimensions == 0) return 0;
  if (dimensions != 1) {
    throw Error(ErrorKind::protocol, "an array has more than one dimension");
  }
  const auto length = in.integer<std::int32_t>();
  (void)in.integer<std::int32_t>();  // lower bound
  // Each element takes four bytes or more, which bounds what a broken length can make us allocate.
  if (length < 0 || static_cast<std::size_t>(length) > in.rest().size() / 4) {
    throw Error(ErrorKind::protocol, "an array's length does not fit its bytes");
  }
  return static_cast<std::size_t>(length);
}

void array_head(Encoder& out, TypeId element, std::size_t length, bool has_null) {
  if (length > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
    throw Error(ErrorKind::invalid_argument, "an array parameter is too long");
  }
  out.integer(std::int32_t{length == 0 ? 0 : 1});
  out.integer(std::int32_t{has_null ? 1 : 0});
  out.type(element);
  if (length == 0) return;
  out.integer(static_cast<std::int32_t>(length));
  out.integer(std::int32_t{1});
}

std::optional<std::string_view> array_element(Decoder& in) {
  const auto length = in.integer<std::int32_t>();
  if (length == -1) return std::nullopt;
  if (length < -1) throw Error(ErrorKind::protocol, "an array element has a negative length");
  return in.raw(static_cast<std::size_t>(length));
}

void null_element() {
  throw Error(ErrorKind::protocol, "an array that must not hold NULL holds one");
}

}  // namespace detail
}  // namespace loci::pg::type
