// Who is connected, and what they hold.
#include "storage/health/checks.hpp"
#include "storage/health/findings.hpp"

#include <loci/pg/quote.hpp>

namespace loci::storage::health {

namespace {

constexpr std::int64_t k_full_percent = 95;
constexpr std::int64_t k_nearly_full_percent = 80;

// Other roles' sessions are hidden from a role without the right to see them.
void warn_if_blind(Findings& found, const Server& server) {
  if (server.sees_everything) return;
  found.warn("other roles' sessions cannot be seen",
             "grant pg_read_all_stats to " + pg::quote_identifier(server.role));
}

std::string named(std::int32_t pid, const std::string& application) {
  return "process " + std::to_string(pid) + (application.empty() ? "" : " (" + application + ")");
}

}  // namespace

HealthCheck judge_pool(const pg::PoolStatistics& pool) {
  Findings found("pool");
  found.note(std::format("{} of {} connections open, {} idle", pool.open, pool.most, pool.idle));
  if (pool.waiting > 0) {
    found.warn(std::to_string(pool.waiting) + " callers wait for one",
               "raise storage.postgres.max_connections, or look for leases and transactions that "
               "are held for long");
  }
  if (pool.connect_errors * 10 > pool.opened) {
    found.warn(std::format("{} connects failed, {} succeeded", pool.connect_errors, pool.opened),
               "look into the program's log for pool_connect_failed");
  }
  return found.take();
}

HealthCheck judge_sessions(const queries::CountSessions::Row& sessions,
                           const pg::PoolStatistics& pool, const Server& server) {
  Findings found("connections");
  found.note(std::format("{} of {} are taken", sessions.sessions, sessions.allowed));
  const std::int64_t percent =
      sessions.sessions * 100 / std::max<std::int64_t>(sessions.allowed, 1);
  const auto* const remedy =
      "raise max_connections of the server, lower storage.postgres.max_connections of its "
      "programs, or put PgBouncer before it";
  if (percent >= k_full_percent) {
    found.fail("hardly any is left", remedy);
  } else if (percent >= k_nearly_full_percent) {
    found.warn("few are left", remedy);
  }
  if (pool.most > sessions.allowed) {
    found.warn(std::format("this pool alone may want {}", pool.most), remedy);
  }
  warn_if_blind(found, server);
  return found.take();
}

HealthCheck judge_transactions(const Rows<queries::FindLongTransactions>& running,
                               const queries::FindPreparedTransactions::Row& prepared,
                               const HealthOptions& options, const Server& server) {
  Findings found("transactions");
  for (const auto& each : running) {
    const bool idle = each.waits_for_client;
    const auto limit = idle ? options.long_idle_in_transaction : options.long_transaction;
    if (each.seconds < seconds_of(limit)) continue;
    const std::string pid = std::to_string(each.pid);
    found.warn(named(each.pid, each.application) +
                   (idle ? " is idle in a transaction for " : " runs a transaction for ") +
                   seconds_text(each.seconds),
               "vacuum waits for it; if nobody does: select pg_terminate_backend(" + pid + ")");
  }
  if (prepared.prepared > 0 && prepared.seconds >= seconds_of(options.long_transaction)) {
    found.warn(std::format("{} prepared transactions, the oldest of {}", prepared.prepared,
                           seconds_text(prepared.seconds)),
               "commit prepared or rollback prepared each of pg_prepared_xacts");
  }
  warn_if_blind(found, server);
  HealthCheck check = found.take();
  if (check.status == HealthStatus::ok) check.detail = "none is open for long";
  return check;
}

}  // namespace loci::storage::health
