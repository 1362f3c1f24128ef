#pragma once
#include <loci/base/deadline.hpp>

#include <chrono>

namespace loci::sqlgen {

/// How long the server may take for what loci-sqlgen asks of it: far more than any of it needs.
[[nodiscard]] inline Deadline statement_deadline() {
  return Deadline::after(std::chrono::seconds(60));
}

}  // namespace loci::sqlgen
