#pragma once
#include <loci/pg/pool.hpp>
#include <loci/pg/runtime.hpp>

#include <boost/asio/awaitable.hpp>

#include "figures.hpp"
#include "inputs.hpp"
#include "options.hpp"

namespace loci::bench {

/// Opens every connection the pool may have, and reads the inputs.
[[nodiscard]] boost::asio::awaitable<Inputs> prepare(pg::Pool& pool, const Options& options);

/// Runs the closed loops of W1 to W4 and W6 until the window is over; `span` says how long it was.
[[nodiscard]] Counts run_clients(Runtime& runtime, pg::Pool& pool, const Inputs& inputs,
                                 const Options& options, Span& span);

}  // namespace loci::bench
