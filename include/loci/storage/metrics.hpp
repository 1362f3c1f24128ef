#pragma once
#include <loci/pg/pool_statistics.hpp>
#include <loci/pg/statement_statistics.hpp>

#include <string>
#include <vector>

namespace loci::storage {

/// What of it is told.
struct MetricsOptions {
  bool enabled = true;     ///< False: Metrics are empty.
  bool statements = true;  ///< False: those of the pool alone.
};

/// What a storage has done since it was made. Of this process alone.
struct Metrics {
  pg::PoolStatistics pool;
  std::vector<pg::StatementStatistics> statements;  ///< The one that took the most time first.
};

/// In the text format of Prometheus (version 0.0.4). Statements go by their names, at most
/// `most_statements` of them and the rest together as "other", so that the number of series is
/// bounded.
[[nodiscard]] std::string to_prometheus(const Metrics& metrics, std::size_t most_statements = 100);

}  // namespace loci::storage
