#include <loci/base/error.hpp>
#include <loci/pg/types/json.hpp>

#include <cstdint>

namespace loci::pg::type {

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

}  // namespace loci::pg::type
