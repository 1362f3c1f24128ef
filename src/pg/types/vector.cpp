#include <loci/base/error.hpp>
#include <loci/pg/types/vector.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include "pg/types/half.hpp"

namespace loci {

void require_dimensions(const Vector& vector, std::size_t dimensions) {
  if (vector.values.size() == dimensions) return;
  throw Error(ErrorKind::invalid_argument, "a vector has " + std::to_string(vector.values.size()) +
                                               " dimensions, not " + std::to_string(dimensions));
}

void require_nonzero(const Vector& vector) {
  if (std::ranges::any_of(vector.values, [](float value) { return value != 0; })) return;
  throw Error(ErrorKind::invalid_argument, "a vector is all zeros: it has no direction");
}

}  // namespace loci

namespace loci::pg::type {
namespace {

constexpr std::size_t k_max_dimensions = 16'000;

// vector and halfvec begin alike.
void encode_head(Encoder& out, std::size_t dimensions) {
  if (dimensions == 0 || dimensions > k_max_dimensions) {
    throw Error(ErrorKind::invalid_argument,
                "a vector has 1 to 16000 dimensions, not " + std::to_string(dimensions));
  }
  out.integer(static_cast<std::uint16_t>(dimensions));
  out.integer(std::uint16_t{0});
}

std::uint16_t decode_head(Decoder& in) {
  const auto dimensions = in.integer<std::uint16_t>();
  (void)in.integer<std::uint16_t>();  // reserved
  return dimensions;
}

[[noreturn]] void not_finite() {
  throw Error(ErrorKind::invalid_argument, "a vector holds NaN or an infinity");
}

}  // namespace

void Vector::encode(Encoder& out, const loci::Vector& value) {
  encode_head(out, value.values.size());
  for (const float component : value.values) {
    if (!std::isfinite(component)) not_finite();
    out.real(component);
  }
}

loci::Vector Vector::decode(std::string_view bytes) {
  Decoder in(bytes);
  loci::Vector value;
  value.values.resize(decode_head(in));
  for (float& component : value.values) component = in.real32();
  in.expect_end();
  return value;
}

void Halfvec::encode(Encoder& out, const loci::Vector& value) {
  encode_head(out, value.values.size());
  for (const float component : value.values) {
    if (!std::isfinite(component)) not_finite();
    const auto half = to_half(component);
    if (!half) {
      throw Error(ErrorKind::invalid_argument, "a component is too large for a halfvec");
    }
    out.integer(*half);
  }
}

loci::Vector Halfvec::decode(std::string_view bytes) {
  Decoder in(bytes);
  loci::Vector value;
  value.values.resize(decode_head(in));
  for (float& component : value.values) component = from_half(in.integer<std::uint16_t>());
  in.expect_end();
  return value;
}

}  // namespace loci::pg::type
