#include "storage/postgres_health.hpp"

#include <loci/base/error.hpp>
#include <loci/pg/quote.hpp>

#include <sys/statvfs.h>
#include <algorithm>

#include "storage/health/checks.hpp"
#include "storage/health/findings.hpp"

namespace loci::storage {

namespace health {

namespace {

constexpr std::string_view k_not_allowed = "42501";

Task<std::chrono::microseconds> round_trip(pg::Session& session, Deadline deadline) {
  using Clock = std::chrono::steady_clock;
  auto best = std::chrono::microseconds::max();
  for (int i = 0; i < 3; ++i) {  // the first prepares the statement
    const Clock::time_point start = Clock::now();
    (void)co_await session.run(queries::Ping{}, deadline);
    best = std::min(best, std::chrono::ceil<std::chrono::microseconds>(Clock::now() - start));
  }
  co_return best;
}

std::optional<DiskSpace> space_of(const std::filesystem::path& folder) {
  struct statvfs facts{};
  if (folder.empty() || ::statvfs(folder.c_str(), &facts) != 0) return std::nullopt;
  const std::uint64_t block = facts.f_frsize;
  return DiskSpace{.free = facts.f_bavail * block, .size = facts.f_blocks * block};
}

Task<HealthCheck> sessions(pg::Session& session, pg::PoolStatistics pool, Server server,
                           Deadline deadline) {
  const auto count = co_await only<queries::CountSessions>(session, deadline);
  co_return judge_sessions(count, pool, server);
}

Task<HealthCheck> transactions(pg::Session& session, HealthOptions options, Server server,
                               Deadline deadline) {
  const auto running = co_await session.run(queries::FindLongTransactions{}, deadline);
  const auto prepared = co_await only<queries::FindPreparedTransactions>(session, deadline);
  co_return judge_transactions(running, prepared, options, server);
}

Task<HealthCheck> replication(pg::Session& session, Server server, Deadline deadline) {
  Replication facts;
  facts.standbys = co_await session.run(queries::ListStandbys{}, deadline);
  facts.replay = co_await only<queries::MeasureReplayDelay>(session, deadline);
  facts.slots = co_await session.run(queries::ListReplicationSlots{}, deadline);
  co_return judge_replication(facts, server);
}

Task<HealthCheck> disk(pg::Session& session, std::filesystem::path data_dir, Deadline deadline) {
  const auto size = co_await only<queries::MeasureDatabase>(session, deadline);
  co_return judge_disk(size.bytes, space_of(data_dir));
}

Task<HealthCheck> extensions(pg::Session& session, Deadline deadline) {
  co_return judge_extensions(co_await session.run(queries::ListExtensions{}, deadline));
}

Task<HealthCheck> indexes(pg::Session& session, Deadline deadline) {
  co_return judge_indexes(co_await session.run(queries::ListInvalidIndexes{}, deadline));
}

Task<HealthCheck> age(pg::Session& session, Deadline deadline) {
  co_return judge_age(co_await only<queries::MeasureAge>(session, deadline));
}

Task<HealthCheck> migrations(pg::Pool& pool, const std::vector<schema::Migration>& files,
                             schema::MigratorOptions options, Deadline deadline) {
  schema::Migrator migrator(pool, files, std::move(options));
  co_return judge_migrations(co_await migrator.status(deadline));
}

// Nothing can be asked: why, and what a person does about it.
HealthCheck unreachable(const Error& error) {
  Findings found("server");
  // After its first connection a pool waits an outage out, and says at the end why it had to.
  const bool busy = error.kind() == ErrorKind::pool_timeout &&
                    !std::string_view(error.what()).contains("last connect error");
  return found
      .fail(error.what(), busy ? "raise storage.postgres.max_connections, or look for leases and "
                                 "transactions that are held for long"
                               : "see that PostgreSQL runs, that storage.postgres.database_url "
                                 "leads to it, and that it lets this role in")
      .take();
}

// What is asked over one connection.
Task<std::string> ask_server(pg::Pool& pool, HealthOptions options, Health& health,
                             Deadline deadline) {
  const pg::PoolStatistics before = pool.statistics();
  pg::Lease lease = co_await pool.acquire(deadline);
  const Server server = co_await only<queries::DescribeServer>(lease, deadline);
  health.latency = co_await round_trip(lease, deadline);
  health.checks = {judge_server(server), judge_latency(health.latency, options),
                   judge_pool(before)};
  const auto make = [&](const char* name, Task<HealthCheck> check) {
    return or_warning(name, server.role, std::move(check));
  };
  auto& checks = health.checks;
  checks.push_back(co_await make("connections", sessions(lease, before, server, deadline)));
  checks.push_back(co_await make("transactions", transactions(lease, options, server, deadline)));
  checks.push_back(co_await make("replication", replication(lease, server, deadline)));
  checks.push_back(co_await make("disk", disk(lease, options.data_dir, deadline)));
  checks.push_back(co_await make("wraparound", age(lease, deadline)));
  checks.push_back(judge_durability(server));
  checks.push_back(co_await make("extensions", extensions(lease, deadline)));
  checks.push_back(co_await make("indexes", indexes(lease, deadline)));
  co_return server.role;
}

}  // namespace

Task<HealthCheck> or_warning(std::string name, std::string role, Task<HealthCheck> check) {
  Findings found(name);
  try {
    co_return co_await std::move(check);
  } catch (const Error& error) {
    if (error.connection_lost()) throw;  // which is no fault of this check
    const bool lacks = error.sqlstate() == k_not_allowed;
    found.warn("could not be looked at: " + std::string(error.what()),
               lacks ? "grant pg_monitor to " + (role.empty() ? "the role that is connected"
                                                              : pg::quote_identifier(role))
                     : "look again; if it stays, look into the server's log");
  }
  co_return found.take();
}

}  // namespace health

Task<Health> look_at_health(pg::Pool& pool, const std::vector<schema::Migration>& migrations,
                            Deadline deadline, HealthOptions options,
                            schema::MigratorOptions migrator) {
  Health seen;
  std::string role;
  try {
    role = co_await health::ask_server(pool, std::move(options), seen, deadline);
    seen.checks.push_back(co_await health::or_warning(
        "migrations", role, health::migrations(pool, migrations, std::move(migrator), deadline)));
  } catch (const Error& error) {
    seen = {.checks = {health::unreachable(error)}};
  }
  co_return seen;
}

}  // namespace loci::storage
