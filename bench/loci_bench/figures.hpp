#pragma once
#include <cstdint>

#include "histogram.hpp"
#include "window.hpp"

namespace loci::bench {

/// What the clients of one cell brought.
struct Counts {
  std::uint64_t errors = 0;
  Histogram latencies;  ///< Of the operations that succeeded within the window.
  Histogram slow;       ///< Of those that were the 20 ms statement.

  void add(const Counts& other) noexcept {
    errors += other.errors;
    latencies.add(other.latencies);
    slow.add(other.slow);
  }
};

/// Writes the contract's line to stdout. `ops` are the latencies' unless `bulk_rows` says
/// otherwise; the slow statements are told apart when there were any.
void print(const Counts& counts, const Span& span, std::uint64_t bulk_rows = 0);

}  // namespace loci::bench
