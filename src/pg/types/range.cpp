#include <loci/base/error.hpp>
#include <loci/pg/types/range.hpp>

namespace loci::pg::type::detail {
namespace {

enum Flag : std::uint8_t {
  flag_empty = 0x01,
  flag_lower_inclusive = 0x02,
  flag_upper_inclusive = 0x04,
  flag_no_lower = 0x08,
  flag_no_upper = 0x10,
};
constexpr unsigned k_known_flags = 0x1F;

}  // namespace

void range_head(Encoder& out, const RangeHead& head) {
  unsigned flags = 0;
  if (head.empty) {
    flags = flag_empty;
  } else {
    if (head.lower_inclusive) flags |= flag_lower_inclusive;
    if (head.upper_inclusive) flags |= flag_upper_inclusive;
    if (!head.has_lower) flags |= flag_no_lower;
    if (!head.has_upper) flags |= flag_no_upper;
  }
  out.integer(static_cast<std::uint8_t>(flags));
}

RangeHead range_head(Decoder& in) {
  const unsigned flags = in.integer<std::uint8_t>();
  const RangeHead head{
      .empty = (flags & flag_empty) != 0,
      .lower_inclusive = (flags & flag_lower_inclusive) != 0,
      .upper_inclusive = (flags & flag_upper_inclusive) != 0,
      .has_lower = (flags & (flag_empty | flag_no_lower)) == 0,
      .has_upper = (flags & (flag_empty | flag_no_upper)) == 0,
  };
  if ((flags & ~k_known_flags) != 0 || (head.lower_inclusive && !head.has_lower) ||
      (head.upper_inclusive && !head.has_upper)) {
    throw Error(ErrorKind::protocol, "a range from the server has flags that make no sense");
  }
  return head;
}

}  // namespace loci::pg::type::detail
