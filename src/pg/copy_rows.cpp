#include <loci/base/error.hpp>
#include <loci/pg/copy_rows.hpp>

namespace loci::pg {

void CopyRows::unknown(const TypeId& type) {
  throw Error(ErrorKind::invalid_argument, "COPY was not told what the type " +
                                               std::string(type.name) +
                                               " is in the database: see Lease::know_types()");
}

}  // namespace loci::pg
