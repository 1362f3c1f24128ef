#pragma once
#include "schema/version_table.hpp"

#include <loci/schema/migrator.hpp>

#include <span>
#include <vector>

namespace loci::schema {

/// The row of a migration; null when it was never begun.
[[nodiscard]] const AppliedMigration* find_row(std::span<const AppliedMigration> applied,
                                               const Migration& migration);

/// How files and version table compare: by version, then the repeatable ones.
[[nodiscard]] std::vector<MigrationStatus> compare(std::span<const Migration> migrations,
                                                   std::span<const AppliedMigration> applied);

/// Throws Error{configuration} that names each changed, missing, foreign and, unless `allow_late`,
/// late migration and says what to do; returns when there is none.
void refuse_drift(std::span<const MigrationStatus> statuses, bool allow_late);

}  // namespace loci::schema
