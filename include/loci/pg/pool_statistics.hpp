#pragma once
#include <loci/base/histogram.hpp>

#include <cstddef>
#include <cstdint>

namespace loci::pg {

/// Connections that were closed before the pool was, by why.
struct RetiredConnections {
  std::uint64_t lost = 0;          ///< The connection ended, or the server ended it.
  std::uint64_t lifetime = 0;      ///< Older than max_lifetime.
  std::uint64_t idle = 0;          ///< Unused for max_idle_time.
  std::uint64_t reset = 0;         ///< Opened before reset().
  std::uint64_t failover = 0;      ///< Opened before the server went away or became read-only.
  std::uint64_t health_check = 0;  ///< Gave no answer to a probe.
  std::uint64_t unclean = 0;       ///< Not proven to be in step with the server.
  std::uint64_t hook = 0;          ///< A hook said no.

  [[nodiscard]] std::uint64_t total() const noexcept {
    return lost + lifetime + idle + reset + failover + health_check + unclean + hook;
  }
};

/// A pool at one moment, and all that has happened in it.
struct PoolStatistics {
  int most = 0;     ///< PoolOptions::max_connections.
  int open = 0;     ///< Connections now, leased ones and those being probed or closed included.
  int idle = 0;     ///< Of these, ready to be leased.
  int shared = 0;   ///< Of these, carrying the reads of many callers (Lane::shared).
  int opening = 0;  ///< Connects in flight.
  int waiting = 0;  ///< Callers in the queue, or waiting for the first shared connection.
  std::size_t in_flight = 0;         ///< Reads on the shared connections, not answered yet.
  std::uint64_t acquired = 0;        ///< Leases handed out.
  std::uint64_t opened = 0;          ///< Connections made.
  std::uint64_t connect_errors = 0;  ///< Connects that failed.
  std::uint64_t timed_out = 0;       ///< Callers who waited in vain.
  std::uint64_t refused = 0;         ///< Callers turned away by max_waiters.
  std::uint64_t retried_reads = 0;   ///< Reads run again after their connection was lost.
  Histogram waits;                   ///< How long those waited who could not be served at once.
  RetiredConnections retired;
};

}  // namespace loci::pg
