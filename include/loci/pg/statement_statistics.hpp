#pragma once
#include <loci/base/histogram.hpp>

#include <cstdint>
#include <string>

namespace loci::pg {

/// All runs of one statement through one pool.
struct StatementStatistics {
  std::string name;
  std::string fingerprint;  ///< 16 hex digits, of the text: the same in every process.
  std::uint64_t order = 0;  ///< Among the pool's statements, as they first came.
  std::uint64_t calls = 0;
  std::uint64_t errors = 0;
  std::uint64_t rows = 0;
  Histogram run;   ///< From sending it until its answer was read.
  Histogram wait;  ///< On the shared lane, until it was sent.
};

}  // namespace loci::pg
