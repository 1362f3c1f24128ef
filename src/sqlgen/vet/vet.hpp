#pragma once
#include <string>
#include <vector>

#include "sqlgen/config/config.hpp"
#include "sqlgen/emitter.hpp"
#include "sqlgen/soundness/soundness.hpp"

/// Queries that can be prepared, and yet should not be as they are.
namespace loci::sqlgen {

struct VetOptions {
  std::vector<std::string> rules = {};         ///< To check; empty: all.
  std::vector<CustomRule> custom = {};         ///< Rules of the user's own.
  std::vector<std::string> large_tables = {};  ///< `table` or `schema.table`.
  double large_rows = 10'000;  ///< So many rows by the server's statistics are a large table too.
  bool may_run = true;  ///< The database is a throw-away one: queries may be run on generated rows.
  SoundnessOptions soundness = {};
};

/// One query that breaks one rule.
struct Finding {
  std::string rule;
  Diagnostic diagnostic;
};

struct VetReport {
  std::vector<Finding> findings;   ///< By file and place; of one place, by rule.
  std::vector<std::string> notes;  ///< What could not be checked, and why.
};

/// The built-in rules:
/// - `no-select-star`
/// - `no-missing-where`: of UPDATE and DELETE.
/// - `no-sequential-scan`: of a large table, as no index serves the query.
/// - `sound-nullability`: a column that is promised never to be NULL was NULL on generated rows.
[[nodiscard]] const std::vector<std::string>& built_in_rules();

/// Checks queries against the rules, in the database that `conninfo` names, where their schema is.
/// A comment line `loci-sqlgen: allow RULE reason` around a query's `-- name:` line silences a rule
/// for it; one that says so wrongly is a finding of the rule `allow`. A rule of the user's without
/// `sql` is not run, which is noted.
///
/// Errors: configuration, for an unknown rule, and a rule of the user's that cannot be run;
/// connect.
[[nodiscard]] VetReport vet(const std::vector<QueryFile>& files, const Catalog& catalog,
                            const std::string& conninfo, const VetOptions& options);

}  // namespace loci::sqlgen
