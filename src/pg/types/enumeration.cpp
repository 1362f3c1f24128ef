#include <loci/base/error.hpp>
#include <loci/pg/types/enumeration.hpp>

namespace loci::pg::type::detail {

void unlabelled_value() {
  throw Error(ErrorKind::invalid_argument, "an enum value has no label in its table");
}

void unknown_label() {
  throw Error(ErrorKind::protocol, "an enum from the server has a label that is not in its table");
}

}  // namespace loci::pg::type::detail
