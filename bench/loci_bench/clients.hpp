#pragma once
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "histogram.hpp"
#include "inputs.hpp"
#include "options.hpp"
#include "window.hpp"

namespace loci::bench {

/// What the clients of one cell brought.
struct Counts {
  std::uint64_t errors = 0;
  Histogram latencies;  ///< Of the operations that succeeded within the window.
  Histogram slow;       ///< Of those that were the 20 ms statement.
};

/// Opens every connection the pool may have, and reads the inputs.
[[nodiscard]] boost::asio::awaitable<Inputs> prepare(pg::Pool& pool, const Options& options);

/// Runs the closed loops of W1 to W4 and W6 until the window is over; `span` says how long it was.
[[nodiscard]] Counts run_clients(Runtime& runtime, pg::Pool& pool, const Inputs& inputs,
                                 const Options& options, Span& span);

}  // namespace loci::bench
