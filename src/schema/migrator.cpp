#include <loci/schema/migrator.hpp>

#include <loci/base/error.hpp>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <ranges>

namespace loci::schema {

namespace asio = boost::asio;
using pg::Lease;

namespace {

constexpr std::string_view k_table = R"(
create table if not exists schema_migrations (
  version    bigint      primary key,
  name       text        not null,
  checksum   text        not null,
  applied_at timestamptz not null default now(),
  duration   interval    not null
))";

// Taken for the session: the number is "loci" in ASCII, a namespace for our own advisory locks.
struct TryLock {
  static constexpr pg::Statement statement{.name = "TryMigrationLock",
                                           .sql = "select pg_try_advisory_lock(1819239273, 1)"};
  static constexpr auto cardinality = pg::Cardinality::one;
  using Row = bool;
  void bind(pg::Params& /*params*/) const {}
  static bool decode(const pg::RowView& row) { return row.get<pg::type::Bool>(0); }
};
struct Unlock {
  static constexpr pg::Statement statement{.name = "ReleaseMigrationLock",
                                           .sql = "select pg_advisory_unlock(1819239273, 1)"};
  static constexpr auto cardinality = pg::Cardinality::exec;
  void bind(pg::Params& /*params*/) const {}
};

struct Applied {
  std::int64_t version;
  std::string name;
  std::string checksum;
  Timestamp at;
};
struct ListApplied {
  static constexpr pg::Statement statement{
      .name = "ListAppliedMigrations",
      .sql = "select version, name, checksum, applied_at from schema_migrations order by version"};
  static constexpr auto cardinality = pg::Cardinality::many;
  using Row = Applied;
  void bind(pg::Params& /*params*/) const {}
  static Applied decode(const pg::RowView& row) {
    return {row.get<pg::type::Int8>(0), row.get<pg::type::Text>(1), row.get<pg::type::Text>(2),
            row.get<pg::type::Timestamptz>(3)};
  }
};
struct RecordApplied {
  static constexpr pg::Statement statement{
      .name = "RecordMigration",
      .sql =
          "insert into schema_migrations (version, name, checksum, duration) "
          "values ($1, $2, $3, clock_timestamp() - now())"};
  static constexpr auto cardinality = pg::Cardinality::exec;
  std::int64_t version;
  std::string name;
  std::string checksum;
  void bind(pg::Params& params) const {
    params.add<pg::type::Int8>(version);
    params.add<pg::type::Text>(name);
    params.add<pg::type::Text>(checksum);
  }
};
struct ForgetApplied {
  static constexpr pg::Statement statement{
      .name = "ForgetMigration", .sql = "delete from schema_migrations where version = $1"};
  static constexpr auto cardinality = pg::Cardinality::exec;
  std::int64_t version;
  void bind(pg::Params& params) const { params.add<pg::type::Int8>(version); }
};

std::string label(const Migration& migration) {
  return "migration " + std::to_string(migration.version) + "_" + migration.name;
}

// What must be done after a failure gets time of its own: the caller's may be over.
Deadline clean_up_deadline() {
  return Deadline::after(std::chrono::seconds(10));
}

asio::awaitable<void> lock(Lease& lease, Deadline deadline) {
  // Polled, not waited for: a waiting lock would hold a snapshot that CREATE INDEX CONCURRENTLY
  // waits for.
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!(co_await lease.run(TryLock{}, deadline)).value()) {
    if (deadline.passed()) {
      throw Error(ErrorKind::timeout,
                  "another process is migrating this database; try again later");
    }
    timer.expires_after(std::chrono::milliseconds(100));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// Runs `sql` and `record` in one transaction.
template <pg::Query Record>
asio::awaitable<void> step(Lease& lease, const Migration& migration, const std::string& sql,
                           Record record, Deadline deadline) {
  std::optional<Error> failure;
  try {
    // The pool's limit for statements is not meant for these; the deadline is.
    co_await lease.script("begin; set local statement_timeout = 0", "begin", deadline);
    co_await lease.script(sql, label(migration), deadline);
    (void)co_await lease.run(std::move(record), deadline);
    co_await lease.script("commit", "commit", deadline);
    co_return;
  } catch (const Error& error) {
    failure = error.with_context(label(migration));
  }
  try {
    co_await lease.script("rollback", "rollback", clean_up_deadline());
  } catch (const Error&) {
    // The connection is gone, and the transaction with it. The first failure is the one to tell.
  }
  throw Error(*failure);
}

// Every applied step must still be what it was, and be known here.
void refuse_drift(const std::vector<Migration>& migrations, const std::vector<Applied>& applied) {
  for (const Applied& done : applied) {
    const auto known = std::ranges::find(migrations, done.version, &Migration::version);
    const std::string name = "migration " + std::to_string(done.version) + "_" + done.name;
    if (known == migrations.end()) {
      throw Error(
          ErrorKind::configuration,
          name +
              " is applied but unknown to this program: the database is newer; use a newer loci");
    }
    if (known->checksum != done.checksum) {
      throw Error(ErrorKind::configuration,
                  name +
                      " was changed after it was applied: restore the file and put the change into "
                      "a new migration");
    }
  }
}

// Runs `body` on a lease that holds the lock, with the version table there.
template <class Body>
asio::awaitable<std::vector<Migration>> locked(pg::Pool& pool, Deadline deadline, Body body) {
  Lease lease = co_await pool.acquire(deadline);
  co_await lock(lease, deadline);
  std::vector<Migration> done;
  std::exception_ptr failure;
  try {
    co_await lease.script(std::string(k_table), "create schema_migrations", deadline);
    done = co_await body(lease);
  } catch (...) {
    failure = std::current_exception();
  }
  // A connection that went back with the lock would keep everybody out for as long as it is idle.
  try {
    (void)co_await lease.run(Unlock{}, clean_up_deadline());
  } catch (const Error&) {
    // The connection is gone, and the lock with it.
  }
  if (failure) std::rethrow_exception(failure);
  co_return done;
}

}  // namespace

Migrator::Migrator(pg::Pool& pool, std::vector<Migration> migrations)
    : pool_(pool), migrations_(std::move(migrations)) {}

asio::awaitable<std::vector<MigrationStatus>> Migrator::status(Deadline deadline) {
  std::map<std::int64_t, MigrationStatus> rows;
  for (const Migration& migration : migrations_) {
    rows[migration.version] = {
        .version = migration.version, .name = migration.name, .applied_at = {}};
  }
  std::vector<Applied> applied;
  try {
    applied = co_await pool_.run(ListApplied{}, deadline);
  } catch (const Error& error) {
    if (error.sqlstate() != "42P01") throw;  // no version table: nothing was ever applied
  }
  for (const Applied& done : applied) {
    MigrationStatus& row = rows[done.version];
    const bool known = row.version != 0;
    row.version = done.version;
    row.name = done.name;
    row.applied_at = done.at;
    row.state = MigrationStatus::State::unknown;
    if (known) {
      const auto mine = std::ranges::find(migrations_, done.version, &Migration::version);
      row.state = mine->checksum == done.checksum ? MigrationStatus::State::applied
                                                  : MigrationStatus::State::changed;
    }
  }
  std::vector<MigrationStatus> ordered;
  for (auto& [version, row] : rows) ordered.push_back(std::move(row));
  co_return ordered;
}

asio::awaitable<std::vector<Migration>> Migrator::up(Deadline deadline) {
  const auto body = [this, deadline](Lease& lease) -> asio::awaitable<std::vector<Migration>> {
    const std::vector<Applied> applied = co_await lease.run(ListApplied{}, deadline);
    refuse_drift(migrations_, applied);
    std::vector<Migration> done;
    for (const Migration& migration : migrations_) {
      if (std::ranges::contains(applied, migration.version, &Applied::version)) continue;
      co_await step(lease, migration, migration.up,
                    RecordApplied{migration.version, migration.name, migration.checksum}, deadline);
      done.push_back(migration);
    }
    co_return done;
  };
  co_return co_await locked(pool_, deadline, body);
}

asio::awaitable<std::vector<Migration>> Migrator::down(int count, Deadline deadline) {
  const auto body = [this, count,
                     deadline](Lease& lease) -> asio::awaitable<std::vector<Migration>> {
    const std::vector<Applied> applied = co_await lease.run(ListApplied{}, deadline);
    refuse_drift(migrations_, applied);
    std::vector<Migration> done;
    for (const Applied& newest : std::views::reverse(applied)) {
      if (static_cast<int>(done.size()) >= count) break;
      const auto migration = std::ranges::find(migrations_, newest.version, &Migration::version);
      if (migration->down.empty()) {
        throw Error(ErrorKind::configuration,
                    label(*migration) + " cannot be undone: it has no .down.sql");
      }
      co_await step(lease, *migration, migration->down, ForgetApplied{newest.version}, deadline);
      done.push_back(*migration);
    }
    co_return done;
  };
  co_return co_await locked(pool_, deadline, body);
}

}  // namespace loci::schema
