#pragma once
#include "schema/version_table.hpp"

#include <loci/schema/migrator.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace loci::schema {

/// Where a run is to end.
struct MigrationGoal {
  enum class Kind : std::uint8_t {
    up,        ///< All up to `version`.
    down,      ///< Without the newest `count`.
    go_to,     ///< At `version`.
    redo,      ///< Where it is, the newest made anew.
    baseline,  ///< All up to `version` recorded.
  } kind = Kind::up;
  /// The highest: everything, repeatable files too.
  std::int64_t version = std::numeric_limits<std::int64_t>::max();
  int count = 0;
  bool dry = false;
};

/// One migration to run; `row` is where it is recorded and how far it came before.
struct PlannedStep {
  MigrationStep::Direction direction;
  const Migration* migration;  ///< One of those the plan was made from.
  AppliedMigration row;
};

/// What leads to the goal, in order: first what an earlier run began. Each row must have its
/// migration (refuse_drift()).
/// Errors: Error{invalid_argument} for a version that no migration has.
[[nodiscard]] std::vector<PlannedStep> plan(std::span<const Migration> migrations,
                                            std::span<const AppliedMigration> applied,
                                            MigrationGoal goal);

}  // namespace loci::schema
