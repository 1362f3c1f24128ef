#include "schema/run_step.hpp"

#include "pg/retry_pause.hpp"
#include "schema/labels.hpp"
#include "schema/left_behind.hpp"
#include "schema/migration_units.hpp"
#include "schema/sql_lexer.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <span>

namespace loci::schema {

namespace asio = boost::asio;
using Clock = Deadline::Clock;
using Direction = MigrationStep::Direction;
using Moment = MigrationProgress::Moment;

namespace {

constexpr std::string_view k_lock_not_available = "55P03";
constexpr std::string_view k_refused_as_written = "42";  // the class of syntax, names and rights

// What a commit would check is checked now. Each constraint by its name, for ALL would also be the
// mode of those that a later migration creates; then each is as a new transaction would find it.
constexpr std::string_view k_check_deferred = R"(do $loci$
declare
  names text;
begin
  select string_agg(distinct format('%I.%I', n.nspname, c.conname), ', ') into names
    from pg_constraint c join pg_namespace n on n.oid = c.connamespace where c.condeferrable;
  if names is not null then execute 'set constraints ' || names || ' immediate'; end if;
  select string_agg(distinct format('%I.%I', n.nspname, c.conname), ', ') into names
    from pg_constraint c join pg_namespace n on n.oid = c.connamespace where c.condeferred;
  if names is not null then execute 'set constraints ' || names || ' deferred'; end if;
end
$loci$)";

class Run {
public:
  Run(StepRun run, const Migration& migration, AppliedMigration row, Direction direction)
      : run_(run),
        migration_(migration),
        row_(std::move(row)),
        direction_(direction),
        text_(direction == Direction::up ? migration.up : migration.down),
        units_(cut()) {}

  asio::awaitable<void> all() {
    const std::size_t done = units_done();
    row_.total = direction_ == Direction::up ? count_statements(units_) : row_.total;
    const bool at_once = units_.empty() || (units_.size() == 1 && units_.front().transaction);
    // A row before the first statement tells the next run that this one was begun.
    if (!at_once && !was_begun_) co_await record(0, {});
    if (units_.empty()) co_await record(0, {});
    for (std::size_t i = 0; i < done && done < units_.size(); ++i) {
      co_await guarded(set_again(i), i);
    }
    for (std::size_t i = done; i < units_.size(); ++i) {
      const bool maybe_begun = i == done && was_begun_ && row_.begun.value_or(true);
      if (units_[i].transaction) {
        co_await guarded(in_transaction(i), i);
      } else {
        co_await guarded(alone(i, maybe_begun), i);
      }
    }
    if (done == units_.size() && done != 0) co_await record(done, {});  // cut off at the very end
    co_await run_.session.reset(run_.deadline);
  }

  asio::awaitable<bool> in_open_transaction() {
    if (units_.empty()) co_return true;
    if (units_.size() > 1 || !units_.front().transaction) co_return false;
    co_await guarded(lease().script(std::string(units_.front().sql), way(), run_.deadline), 0);
    co_await run_.session.reset(run_.deadline);
    co_await guarded(
        lease().script(std::string(k_check_deferred), "deferred constraints", run_.deadline), 0);
    co_return true;
  }

private:
  pg::Lease& lease() { return run_.session.lease(); }
  std::string way() const { return direction_ == Direction::up ? "up" : "down"; }
  std::string name() const { return "migration " + label(migration_); }

  std::vector<MigrationUnit> cut() const {
    try {
      return migration_units(text_);
    } catch (const Error& error) {
      throw error.with_context(name());
    }
  }

  int statements_through(std::size_t units) const {
    return count_statements(std::span(units_).first(units));
  }

  /// How many units an earlier run has finished.
  std::size_t units_done() {
    was_begun_ = direction_ == Direction::up ? row_.partial() : row_.undone.has_value();
    if (!was_begun_) return 0;
    const int statements = direction_ == Direction::up ? row_.done : *row_.undone;
    std::size_t units = 0;
    while (units < units_.size() && statements_through(units) < statements) ++units;
    const std::string now = checksum_of(std::span(units_).first(units));
    const std::string& then =
        direction_ == Direction::up ? row_.checksum : row_.undone_checksum.value_or(now);
    if (statements_through(units) == statements && now == then) return units;
    throw Error(ErrorKind::configuration,
                name() + " was begun, and its first " + std::to_string(statements) +
                    " statements, which were done, have changed since: restore them; what comes "
                    "behind them may be changed");
  }

  /// Writes down that this many units are done.
  asio::awaitable<void> record(std::size_t units, std::chrono::microseconds took) {
    const bool finished = units == units_.size();
    if (direction_ == Direction::down) {
      if (finished) return run_.table.erase(lease(), row_.version, run_.deadline);
      row_.undone = statements_through(units);
      row_.undone_checksum = checksum_of(std::span(units_).first(units));
      return run_.table.write_undone(lease(), row_, run_.deadline);
    }
    row_.done = statements_through(units);
    row_.checksum = finished ? migration_.checksum : checksum_of(std::span(units_).first(units));
    return run_.table.write(lease(), row_, took, run_.deadline);
  }

  void tell(Moment moment, std::size_t unit) const {
    if (!run_.options.on_progress) return;
    run_.options.on_progress({.moment = moment,
                              .direction = direction_,
                              .migration = migration_,
                              .statements_done = statements_through(unit + 1),
                              .statements_total = count_statements(units_)});
  }

  static std::chrono::microseconds since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  }

  asio::awaitable<void> once_in_transaction(std::size_t unit) {
    const Clock::time_point start = Clock::now();
    co_await lease().script(
        "begin; set local lock_timeout = " + std::to_string(run_.options.lock_timeout.count()),
        "begin", run_.deadline);
    tell(Moment::starts, unit);
    co_await lease().script(std::string(units_[unit].sql), way(), run_.deadline);
    tell(Moment::ran, unit);
    co_await lease().script("reset session authorization; reset role", "reset role", run_.deadline);
    co_await record(unit + 1, since(start));
    tell(Moment::recorded, unit);
    co_await lease().script("commit", "commit", run_.deadline);
    tell(Moment::committed, unit);
  }

  /// Waiting for a lock makes everybody wait who comes behind, so it is given up and tried again.
  asio::awaitable<void> in_transaction(std::size_t unit) {
    pg::RetryPause pause(std::chrono::milliseconds(500), std::chrono::seconds(30));
    for (int attempt = 1;; ++attempt) {
      std::optional<Error> failure;
      try {
        co_await once_in_transaction(unit);
        co_return;
      } catch (const Error& error) {
        failure = error;
      }
      co_await roll_back();
      const bool again = failure->sqlstate() == k_lock_not_available || failure->retryable();
      if (!again) throw Error(*failure);
      if (attempt >= run_.options.lock_attempts ||
          !co_await pg::pause_for(pause.next(), run_.deadline)) {
        throw failure->with_context("after " + std::to_string(attempt) + " attempts");
      }
    }
  }

  asio::awaitable<void> roll_back() {
    try {
      co_await lease().script("rollback", "rollback", Deadline::after(std::chrono::seconds(10)));
    } catch (const std::exception&) {
      // The connection is gone, and the transaction with it. The first failure is the one to tell.
    }
  }

  asio::awaitable<void> alone(std::size_t unit, bool maybe_begun) {
    const Clock::time_point start = Clock::now();
    const bool done =
        maybe_begun && co_await settle_left_behind(lease(), units_[unit].sql, run_.deadline);
    tell(Moment::starts, unit);
    if (!done) co_await run_noted(units_[unit].sql);
    tell(Moment::ran, unit);
    co_await record(unit + 1, since(start));
    tell(Moment::recorded, unit);
    tell(Moment::committed, unit);
  }

  /// The next run settles what this one began, and must not take for its doing what was there
  /// before: so a statement that was refused is noted as one that was not begun.
  asio::awaitable<void> run_noted(std::string_view sql) {
    co_await run_.table.write_begun(lease(), row_.version, true, run_.deadline);
    std::optional<Error> failure;
    try {
      co_await lease().script(std::string(sql), way(), run_.deadline);
      co_return;
    } catch (const Error& error) {
      failure = error;
    }
    if (failure->kind() == ErrorKind::server &&
        failure->sqlstate().starts_with(k_refused_as_written)) {
      co_await note_refusal(sql);
    }
    throw Error(*failure);
  }

  asio::awaitable<void> note_refusal(std::string_view sql) {
    try {
      if (co_await left_something(lease(), sql, run_.deadline)) co_return;
      co_await run_.table.write_begun(lease(), row_.version, false, run_.deadline);
    } catch (const Error&) {
      // The refusal is the failure to tell.
    }
  }

  /// A unit that an earlier run has done may have set what those behind it rely on.
  asio::awaitable<void> set_again(std::size_t unit) {
    for (const std::string_view sql : session_settings(units_[unit])) {
      co_await lease().script(std::string(sql), way(), run_.deadline);
    }
  }

  /// Says in which migration and line `work` failed.
  asio::awaitable<void> guarded(asio::awaitable<void> work, std::size_t unit) {
    std::optional<Error> failure;
    try {
      co_await std::move(work);
      co_return;
    } catch (const Error& error) {
      failure = error;
    }
    std::size_t place = units_[unit].begin;
    bool known = units_[unit].statements == 1;
    if (failure->server() != nullptr && failure->server()->position > 0) {
      place += offset_of_character(units_[unit].sql, failure->server()->position);
      known = true;
    }
    const std::string line =
        known ? ", line " + std::to_string(position_at(text_, place).line) : "";
    throw failure->with_context(name() + line);
  }

  StepRun run_;
  const Migration& migration_;
  AppliedMigration row_;
  Direction direction_;
  std::string_view text_;
  std::vector<MigrationUnit> units_;
  bool was_begun_ = false;
};

}  // namespace

asio::awaitable<void> run_up(StepRun run, const Migration& migration, AppliedMigration row) {
  Run up(run, migration, std::move(row), Direction::up);
  co_await up.all();
}

asio::awaitable<void> run_down(StepRun run, const Migration& migration, AppliedMigration row) {
  if (migration.down.empty()) {
    throw Error(ErrorKind::configuration,
                "migration " + label(migration) + " cannot be undone: it has no way back");
  }
  Run down(run, migration, std::move(row), Direction::down);
  co_await down.all();
}

asio::awaitable<bool> try_up(StepRun run, const Migration& migration) {
  Run up(run, migration, {}, Direction::up);
  co_return co_await up.in_open_transaction();
}

}  // namespace loci::schema
