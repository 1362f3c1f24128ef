#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "sqlgen/query.hpp"

/// Do queries keep their promises? They are run on generated rows with NULL wherever it may be.
namespace loci::sqlgen {

struct SoundnessOptions {
  int rounds = 4;               ///< Of different rows, after the one on empty tables.
  int rows_per_table = 8;       ///< Half of that in every other round.
  int parameter_sets = 6;       ///< For a query with parameters, in each round.
  std::size_t max_rows = 5000;  ///< Looked at in one result; the server makes all of them.
  std::chrono::milliseconds statement_timeout{2000};
  std::chrono::milliseconds time_limit{60000};  ///< For all; what is left then is not run.
};

/// What was seen of one query.
struct Observation {
  int runs = 0;                 ///< Those the server did not refuse.
  std::size_t rows = 0;         ///< In all of them.
  std::vector<bool> gave_null;  ///< By column; empty when no row came.
  std::string refusal;          ///< The server's words when it refused a run.

  /// The columns that gave a NULL though `query` promises none.
  [[nodiscard]] std::vector<std::size_t> broken_promises(const Query& query) const;
};

struct SoundnessReport {
  std::vector<Observation> queries;   ///< In the order of the queries given.
  std::vector<std::string> left_out;  ///< `table: why`, of tables that took no row.
  bool finished = true;               ///< False: the time limit came first.
};

/// Runs each query that returns columns, in a transaction of its own connection that is rolled
/// back: data-changing ones too. Meant for the throw-away database alone: `conninfo` must be of the
/// role that owns the tables, as it switches their row level security off for itself, and functions
/// that a query calls may do more than a rollback undoes. Constraints hold for the rows made.
/// Errors: connect, and the loss of the connection.
[[nodiscard]] SoundnessReport check_soundness(const std::string& conninfo,
                                              const std::vector<const Query*>& queries,
                                              const SoundnessOptions& options = {});

}  // namespace loci::sqlgen
