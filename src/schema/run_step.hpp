#pragma once
#include "schema/migration_session.hpp"
#include "schema/version_table.hpp"

#include <loci/schema/migrator.hpp>

namespace loci::schema {

/// What running a migration takes. All of it must outlive the run.
struct StepRun {
  MigrationSession& session;
  const VersionTable& table;
  const MigratorOptions& options;
  Deadline deadline;
};

/// Runs a migration's way up, from where `row` says, and writes it into the table; `row` has the
/// version to record it under and, where it was begun before, how far it came.
/// Errors: server, naming the migration and line; configuration, when the statements that were done
/// before are no longer what they were.
[[nodiscard]] boost::asio::awaitable<void> run_up(StepRun run, const Migration& migration,
                                                  AppliedMigration row);

/// Runs its way down, from where `row` says, and takes it out of the table.
/// Errors: as run_up(); configuration also when there is no way back.
[[nodiscard]] boost::asio::awaitable<void> run_down(StepRun run, const Migration& migration,
                                                    AppliedMigration row);

/// Runs its way up in a transaction that is open already, and records nothing. False, having run
/// nothing, when it cannot run in one.
[[nodiscard]] boost::asio::awaitable<bool> try_up(StepRun run, const Migration& migration);

}  // namespace loci::schema
