#include <loci/base/error.hpp>
#include <loci/pg/types/array.hpp>

#include <limits>

namespace loci::pg::type::detail {

ArrayHead array_head(Decoder& in) {
  const auto dimensions = in.integer<std::int32_t>();
  (void)in.integer<std::int32_t>();  // whether there are NULLs; each element says so itself
  const auto element = in.integer<std::uint32_t>();
  if (dimensions == 0) return {0, element};
  if (dimensions != 1) {
    throw Error(ErrorKind::protocol, "an array has more than one dimension");
  }
  const auto length = in.integer<std::int32_t>();
  (void)in.integer<std::int32_t>();  // lower bound
  // Each element takes four bytes or more, which bounds what a broken length can make us allocate.
  if (length < 0 || static_cast<std::size_t>(length) > in.rest().size() / 4) {
    throw Error(ErrorKind::protocol, "an array's length does not fit its bytes");
  }
  return {static_cast<std::size_t>(length), element};
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

}  // namespace loci::pg::type::detail
