#include <loci/pg/types/scalar.hpp>

#include <array>

namespace loci::pg::type {

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

}  // namespace loci::pg::type
