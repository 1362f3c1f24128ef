#pragma once
#include <loci/pg/pool.hpp>
#include <loci/schema/migration.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace loci::schema {

struct MigrationStatus {
  std::int64_t version = 0;  ///< 0: repeatable.
  std::string name;
  enum class State : std::uint8_t {
    pending,
    applied,
    outdated,  ///< Repeatable, and its file differs from what was applied: runs again.
    partial,   ///< Begun and not finished: the next run goes on with it.
    late,      ///< Pending, below the newest that is applied: merged late.
    changed,   ///< Applied, and the file differs from what was applied.
    missing,   ///< Applied, and its file is gone.
    foreign,   ///< Applied by a newer program, or by another one under the same version.
  } state = State::pending;
  std::optional<Timestamp> applied_at = {};
  int statements_done = 0;  ///< Of a partial one; of one being undone, how many of its way back.
  int statements_total = 0;
  std::string remedy = {};  ///< What to do about it; empty when all is well.
};

/// up() would run it.
[[nodiscard]] constexpr bool is_due(MigrationStatus::State state) noexcept {
  using enum MigrationStatus::State;
  return state == pending || state == outdated || state == partial || state == late;
}

/// What was applied is not what this program has, so nothing may run. A repeatable file that is
/// gone is none: what it made is still there, and nobody needs the file.
[[nodiscard]] inline bool is_drift(const MigrationStatus& status) noexcept {
  using enum MigrationStatus::State;
  return status.state == changed || status.state == foreign ||
         (status.state == missing && status.version != 0);
}

/// What a run did, in order.
struct MigrationStep {
  enum class Direction : std::uint8_t {
    up,
    down,
    record,  ///< Recorded as applied without running: baseline().
  } direction = Direction::up;
  std::int64_t version = 0;  ///< 0: repeatable.
  std::string name;
  /// False only from dry_run(): it cannot run in a transaction, or not in the same as those before
  /// it (it uses a value that one of them adds to an enum), or stands behind one that cannot.
  bool tried = true;
};

/// Where a run stands; see MigratorOptions::on_progress.
struct MigrationProgress {
  enum class Moment : std::uint8_t {
    starts,     ///< Statements are about to run.
    ran,        ///< They have run, and it is not recorded yet.
    recorded,   ///< It is, in the same transaction where there is one.
    committed,  ///< Nothing undoes them now.
  } moment;
  MigrationStep::Direction direction;
  const Migration& migration;  ///< Valid during the call.
  int statements_done;         ///< When these statements are over.
  int statements_total;
};

struct MigratorOptions {
  std::string table = "schema_migrations";  ///< In the first schema of the search path.
  /// Applies a migration below the newest applied one (`late`) instead of refusing it.
  bool allow_late = false;
  /// How long a statement in a transaction waits for a lock, with everybody queueing behind it;
  /// zero: for ever. Then it is rolled back and tried again after a growing pause.
  std::chrono::milliseconds lock_timeout = std::chrono::seconds(3);
  int lock_attempts = 10;
  /// Called at each boundary of the work, on the coroutine's thread.
  std::function<void(const MigrationProgress&)> on_progress = {};
  /// Called once when another process is still migrating after a second, with what it is ("server
  /// process 4711 (loci migrate)").
  std::function<void(const std::string& holder)> on_wait = {};
};

struct MigrationGoal;

/// Brings a database to a version and back.
///
/// One process migrates at a time: the others wait for an advisory lock, polling. Each run has a
/// connection of `pool` to itself and closes it, so that nothing a migration sets in its session
/// outlives the run. A file that runs statement by statement records each one; when a run is
/// killed, at any point, the next one finishes what it began, whatever it was asked for, and then
/// does its own work.
///
/// Errors, of every member: configuration (the database is a standby; PgBouncer or another pooler
/// stands before it; the version table is another tool's; an applied migration is changed, missing
/// or foreign, or a pending one is late: all of them are named), server (the migration and line
/// that failed are named, and nothing of its transaction stays), timeout (another process holds the
/// lock), cancelled. status() works on a standby and through a pooler.
///
/// Thread safety: none; distinct migrators from any thread. Lifetime: the pool and the migrator
/// outlive the calls.
class Migrator {
public:
  Migrator(pg::Pool& pool, std::vector<Migration> migrations, MigratorOptions options = {});

  /// By version, then the repeatable ones. Changes nothing.
  [[nodiscard]] boost::asio::awaitable<std::vector<MigrationStatus>> status(Deadline deadline);
  /// Applies what is pending, then the repeatable files that changed; gives what it applied.
  [[nodiscard]] boost::asio::awaitable<std::vector<MigrationStep>> up(Deadline deadline);
  /// Applies what is pending up to this version, and no repeatable file.
  /// Errors: also invalid_argument, for a version that no migration has.
  [[nodiscard]] boost::asio::awaitable<std::vector<MigrationStep>> up_to(std::int64_t version,
                                                                         Deadline deadline);
  /// Undoes the newest `count` steps; one whose undoing was begun before counts as one.
  [[nodiscard]] boost::asio::awaitable<std::vector<MigrationStep>> down(int count,
                                                                        Deadline deadline);
  /// Undoes all above this version, or applies all up to it; 0 undoes all.
  /// Errors: also invalid_argument.
  [[nodiscard]] boost::asio::awaitable<std::vector<MigrationStep>> go_to(std::int64_t version,
                                                                         Deadline deadline);
  /// Undoes the newest step and applies it again; finishes one whose undoing was begun before.
  [[nodiscard]] boost::asio::awaitable<std::vector<MigrationStep>> redo(Deadline deadline);
  /// What up() would do, tried in one transaction that is rolled back: it holds its locks until
  /// then, and writes nothing. Each step finds the settings that it would find, and deferred
  /// constraints are checked behind each.
  [[nodiscard]] boost::asio::awaitable<std::vector<MigrationStep>> dry_run(Deadline deadline);
  /// Records all up to this version as applied without running them: for a database that has the
  /// schema already. Errors: also invalid_argument.
  [[nodiscard]] boost::asio::awaitable<std::vector<MigrationStep>> baseline(std::int64_t version,
                                                                            Deadline deadline);

private:
  boost::asio::awaitable<std::vector<MigrationStep>> reach(MigrationGoal goal, Deadline deadline);

  pg::Pool& pool_;
  std::vector<Migration> migrations_;
  MigratorOptions options_;
};

}  // namespace loci::schema
