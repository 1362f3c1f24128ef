#pragma once
#include <loci/pg/pool_statistics.hpp>
#include <loci/pg/statement_statistics.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace loci::storage {

/// What a storage tells of itself.
struct MetricsOptions {
  bool enabled = true;     ///< False: nothing.
  bool statements = true;  ///< False: of the pool alone.
  /// How often the pool's figures are a line of the log, at level info; zero: never.
  std::chrono::milliseconds interval = std::chrono::seconds(30);
};

/// What a storage has done since it was made. Of this process alone.
struct Metrics {
  pg::PoolStatistics pool;
  std::vector<pg::StatementStatistics> statements;  ///< The one that took the most time first.
};

/// In the text format of Prometheus (version 0.0.4); empty where metrics are switched off. Names
/// begin with loci_pool_ (a mock has no pool) and loci_statement_; times are in seconds. Statements
/// go by their names: the `most_statements` that came first, and the rest together as "other", so
/// that the number of series is bounded and no counter ever goes down.
[[nodiscard]] std::string to_prometheus(const Metrics& metrics, std::size_t most_statements = 100);

}  // namespace loci::storage
