#include <loci/base/error.hpp>
#include <loci/pg/binary.hpp>

namespace loci::pg {

void Decoder::ended_early() {
  throw Error(ErrorKind::protocol, "a value from the server is shorter than its type");
}

void Decoder::left_over() {
  throw Error(ErrorKind::protocol, "a value from the server is longer than its type");
}

}  // namespace loci::pg
