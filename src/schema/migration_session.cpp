#include "schema/migration_session.hpp"

#include "pg/connection.hpp"
#include "pg/retry_pause.hpp"
#include "schema/ask.hpp"

#include <loci/base/error.hpp>
#include <loci/pg/pgvector.hpp>

namespace loci::schema {

namespace asio = boost::asio;
namespace type = pg::type;

namespace {

// Taken for the session: the number is "loci" in ASCII, a namespace for our own advisory locks.
constexpr pg::Statement k_try_lock{.name = "TryMigrationLock",
                                   .sql = "select pg_try_advisory_lock(1819239273, 1)"};
constexpr pg::Statement k_holder{
    .name = "FindMigrationLock",
    .sql =
        "select l.pid, coalesce(a.application_name, '') from pg_locks l"
        " left join pg_stat_activity a on a.pid = l.pid"
        " where l.locktype = 'advisory' and l.granted and l.classid = 1819239273 and l.objid = 1"
        " and l.database = (select oid from pg_database where datname = current_database())"};
constexpr pg::Statement k_server{.name = "LookAtServer",
                                 .sql = "select pg_backend_pid(), pg_is_in_recovery()"};

// The one there is, or else the one that a migration would create.
constexpr pg::Statement k_pgvector{
    .name = "FindPgvector",
    .sql =
        "select coalesce((select extversion from pg_catalog.pg_extension where extname = 'vector'),"
        " (select default_version from pg_catalog.pg_available_extensions where name = 'vector'))"};

// A process that is killed must not leave its statement, and with it the lock, on the server for as
// long as that takes: so the server looks after its client.
// The pool's limits are not meant for migrations; the caller's deadline is.
constexpr std::string_view k_settings =
    "reset session authorization; reset role; reset all; set application_name = 'loci migrate';"
    " set statement_timeout = 0; set lock_timeout = 0; set transaction_timeout = 0;"
    " set idle_in_transaction_session_timeout = 0";
constexpr std::string_view k_watch_client = "set client_connection_check_interval = '1s'";
constexpr auto k_silent_wait = std::chrono::seconds(1);

asio::awaitable<void> refuse_unfit(pg::Lease& lease, Deadline deadline) {
  const pg::Result result = co_await ask(lease, {k_server, {}}, deadline);
  // A pooler makes up the process id that it tells its clients.
  if (result.row(0).get<type::Int4>(0) != lease.connection().server_pid()) {
    throw Error(ErrorKind::configuration,
                "this connection goes through a pooler such as PgBouncer, which may change servers "
                "under a migration and its lock: migrate over a direct connection to PostgreSQL");
  }
  if (result.row(0).get<type::Bool>(1)) {
    throw Error(ErrorKind::configuration,
                "this server is a standby, which only reads: migrate on the primary");
  }
}

asio::awaitable<std::string> holder(pg::Lease& lease, Deadline deadline) {
  const pg::Result result = co_await ask(lease, {k_holder, {}}, deadline);
  if (result.rows() == 0) co_return "another process";
  const auto name = result.row(0).get<type::Text>(1);
  co_return "server process " + std::to_string(result.row(0).get<type::Int4>(0)) +
      (name.empty() ? "" : " (" + name + ")");
}

asio::awaitable<bool> may_build_in_parallel(pg::Lease& lease, Deadline deadline) {
  const pg::Result result = co_await ask(lease, {k_pgvector, {}}, deadline);
  const auto text = result.row(0).get_optional<type::Text>(0);
  const auto version = text ? Version::parse(*text) : std::nullopt;
  co_return !version || pg::may_build_hnsw_in_parallel(*version);
}

asio::awaitable<void> lock(pg::Lease& lease, std::function<void(const std::string& holder)> on_wait,
                           Deadline deadline) {
  const Deadline silent = Deadline::after(k_silent_wait);
  // Polled, not waited for: a waiting lock would hold a snapshot that CREATE INDEX CONCURRENTLY
  // waits for.
  for (;;) {
    const pg::Result result = co_await ask(lease, {k_try_lock, {}}, deadline);
    if (result.row(0).get<type::Bool>(0)) co_return;
    if (on_wait && silent.passed()) std::exchange(on_wait, {})(co_await holder(lease, deadline));
    if (!co_await pg::pause_for(std::chrono::milliseconds(100), deadline)) break;
  }
  const Deadline answer = Deadline::after(std::chrono::seconds(5));
  throw Error(ErrorKind::timeout, co_await holder(lease, answer) +
                                      " is migrating this database; try again when it is done");
}

}  // namespace

MigrationSession::MigrationSession(pg::Lease lease)
    : lease_(std::make_unique<pg::Lease>(std::move(lease))) {}

MigrationSession::~MigrationSession() {
  if (lease_) lease_->connection().abandon();
}

asio::awaitable<MigrationSession> MigrationSession::open(
    pg::Pool& pool, std::function<void(const std::string& holder)> on_wait, Deadline deadline) {
  MigrationSession session(co_await pool.acquire(deadline));
  co_await refuse_unfit(session.lease(), deadline);
  co_await session.watch_client(deadline);
  co_await session.reset(deadline);
  co_await lock(session.lease(), std::move(on_wait), deadline);
  co_return session;
}

asio::awaitable<void> MigrationSession::watch_client(Deadline deadline) {
  try {
    co_await lease_->script(std::string(k_watch_client), "settings", deadline);
    watches_client_ = true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::server) throw;  // the server's system cannot tell
  }
}

asio::awaitable<void> MigrationSession::reset(Deadline deadline) {
  std::string settings(k_settings);
  if (watches_client_) settings.append("; ").append(k_watch_client);
  co_await lease_->script(settings, "settings", deadline);
  if (co_await may_build_in_parallel(*lease_, deadline)) co_return;
  co_await lease_->script("set max_parallel_maintenance_workers = 0", "settings", deadline);
}

asio::awaitable<void> MigrationSession::release() {
  try {
    co_await lease_->script("rollback; select pg_advisory_unlock_all()", "unlock",
                            Deadline::after(std::chrono::seconds(10)));
  } catch (const std::exception&) {
    // The connection is gone, or the caller was cancelled and closes it now: so goes the lock.
  }
}

}  // namespace loci::schema
