#include <loci/base/error.hpp>
#include <loci/pg/types/composite.hpp>

#include <string>

namespace loci::pg::type::detail {

void composite_head(Encoder& out, std::size_t fields) {
  out.integer(static_cast<std::int32_t>(fields));
}

void composite_head(Decoder& in, std::size_t fields) {
  const auto sent = in.integer<std::int32_t>();
  if (sent >= 0 && static_cast<std::size_t>(sent) == fields) return;
  throw Error(ErrorKind::protocol, "a composite from the server has " + std::to_string(sent) +
                                       " fields, not " + std::to_string(fields));
}

}  // namespace loci::pg::type::detail
