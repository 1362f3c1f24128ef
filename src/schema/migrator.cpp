#include <loci/schema/migrator.hpp>

#include "schema/drift.hpp"
#include "schema/migration_session.hpp"
#include "schema/plan.hpp"
#include "schema/run_step.hpp"
#include "schema/version_table.hpp"

#include <loci/base/error.hpp>

#include <exception>

namespace loci::schema {

namespace asio = boost::asio;
using Direction = MigrationStep::Direction;
using Kind = MigrationGoal::Kind;

namespace {

MigrationStep told(const PlannedStep& step) {
  return {.direction = step.direction,
          .version = step.migration->version,
          .name = step.migration->name};
}

asio::awaitable<void> run_step(StepRun run, const PlannedStep& step) {
  switch (step.direction) {
    case Direction::up:
      return run_up(run, *step.migration, step.row);
    case Direction::down:
      return run_down(run, *step.migration, step.row);
    case Direction::record:
      break;
  }
  return run.table.write(run.session.lease(), step.row, {}, run.deadline);
}

asio::awaitable<std::vector<MigrationStep>> run_all(StepRun run, std::vector<PlannedStep> steps) {
  std::vector<MigrationStep> done;
  for (const PlannedStep& step : steps) {
    co_await run_step(run, step);
    done.push_back(told(step));
  }
  co_return done;
}

// In a transaction of its own each: here, in one, a value of an enum that was added cannot be used.
constexpr std::string_view k_unsafe_new_value = "55P04";

asio::awaitable<bool> try_step(StepRun run, const Migration& migration) {
  pg::Lease& lease = run.session.lease();
  co_await lease.script(
      "set local lock_timeout = " + std::to_string(run.options.lock_timeout.count()) +
          "; savepoint loci_step",
      "savepoint", run.deadline);
  try {
    const bool tried = co_await try_up(run, migration);
    co_await lease.script("release savepoint loci_step", "savepoint", run.deadline);
    co_return tried;
  } catch (const Error& error) {
    if (error.sqlstate() != k_unsafe_new_value) throw;
  }
  co_return false;  // nothing else is tried
}

asio::awaitable<std::vector<MigrationStep>> try_all(StepRun run, std::vector<PlannedStep> steps) {
  std::vector<MigrationStep> done;
  co_await run.session.lease().script("begin", "begin", run.deadline);
  bool trying = true;
  for (const PlannedStep& step : steps) {
    // What was begun is half there; what stands behind one that was not tried may need it.
    trying = trying && !step.row.partial() && co_await try_step(run, *step.migration);
    done.push_back(told(step));
    done.back().tried = trying;
  }
  co_await run.session.lease().script("rollback", "rollback", run.deadline);
  co_return done;
}

asio::awaitable<std::vector<MigrationStep>> work(MigrationSession& session,
                                                 const std::vector<Migration>& migrations,
                                                 const MigratorOptions& options, MigrationGoal goal,
                                                 Deadline deadline) {
  VersionTable table = co_await VersionTable::find(session.lease(), options.table, deadline);
  if (!goal.dry) co_await table.make(session.lease(), deadline);
  const auto applied = co_await table.list(session.lease(), deadline);
  const bool late_matters = goal.kind == Kind::up || goal.kind == Kind::go_to;
  refuse_drift(compare(migrations, applied), options.allow_late || !late_matters);
  std::vector<PlannedStep> steps = plan(migrations, applied, goal);
  const StepRun run{session, table, options, deadline};
  if (goal.dry) co_return co_await try_all(run, std::move(steps));
  co_return co_await run_all(run, std::move(steps));
}

}  // namespace

Migrator::Migrator(pg::Pool& pool, std::vector<Migration> migrations, MigratorOptions options)
    : pool_(pool), migrations_(std::move(migrations)), options_(std::move(options)) {}

asio::awaitable<std::vector<MigrationStep>> Migrator::reach(MigrationGoal goal, Deadline deadline) {
  MigrationSession session = co_await MigrationSession::open(pool_, options_.on_wait, deadline);
  std::vector<MigrationStep> done;
  std::exception_ptr failure;
  try {
    done = co_await work(session, migrations_, options_, goal, deadline);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await session.release();
  if (failure) std::rethrow_exception(failure);
  co_return done;
}

asio::awaitable<std::vector<MigrationStatus>> Migrator::status(Deadline deadline) {
  pg::Lease lease = co_await pool_.acquire(deadline);
  const VersionTable table = co_await VersionTable::find(lease, options_.table, deadline);
  co_return compare(migrations_, co_await table.list(lease, deadline));
}

asio::awaitable<std::vector<MigrationStep>> Migrator::up(Deadline deadline) {
  return reach({.kind = Kind::up}, deadline);
}

asio::awaitable<std::vector<MigrationStep>> Migrator::up_to(std::int64_t version,
                                                            Deadline deadline) {
  return reach({.kind = Kind::up, .version = version}, deadline);
}

asio::awaitable<std::vector<MigrationStep>> Migrator::down(int count, Deadline deadline) {
  return reach({.kind = Kind::down, .count = count}, deadline);
}

asio::awaitable<std::vector<MigrationStep>> Migrator::go_to(std::int64_t version,
                                                            Deadline deadline) {
  return reach({.kind = Kind::go_to, .version = version}, deadline);
}

asio::awaitable<std::vector<MigrationStep>> Migrator::redo(Deadline deadline) {
  return reach({.kind = Kind::redo}, deadline);
}

asio::awaitable<std::vector<MigrationStep>> Migrator::dry_run(Deadline deadline) {
  return reach({.kind = Kind::up, .dry = true}, deadline);
}

asio::awaitable<std::vector<MigrationStep>> Migrator::baseline(std::int64_t version,
                                                               Deadline deadline) {
  return reach({.kind = Kind::baseline, .version = version}, deadline);
}

}  // namespace loci::schema
