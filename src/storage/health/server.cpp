// The server itself: what it is, what it would lose in a crash, how far away it is.
#include "storage/health/checks.hpp"
#include "storage/health/findings.hpp"

namespace loci::storage::health {

namespace {

constexpr int k_least_version = 170000;

}  // namespace

HealthCheck judge_server(const Server& server) {
  Findings found("server");
  found.note("PostgreSQL " + server.version + (server.standby ? ", a standby" : ", primary"));
  if (server.version_number < k_least_version) {
    found.fail("older than 17", "Loci needs PostgreSQL 17 or later");
  }
  if (server.standby) {
    found.warn("it only reads",
               "name the primary, or several servers and "
               "target_session_attrs=read-write, in the database URL");
  } else if (server.read_only) {
    found.warn("it only reads",
               "alter role ... reset default_transaction_read_only, or the same "
               "of the database");
  }
  return found.take();
}

HealthCheck judge_durability(const Server& server) {
  Findings found("durability");
  const auto off = [&](bool on, const char* name) {
    if (on) return;
    found.fail(std::string(name) + " is off: a crash may destroy the database",
               "set " + std::string(name) + " = on in postgresql.conf and reload");
  };
  off(server.fsync, "fsync");
  off(server.full_page_writes, "full_page_writes");
  if (server.synchronous_commit == "off") {
    found.warn("synchronous_commit is off: a crash takes the last commits with it",
               "set synchronous_commit = on");
  }
  if (server.unlogged_tables > 0) {
    found.warn(std::to_string(server.unlogged_tables) + " unlogged tables: a crash empties them",
               "alter table ... set logged");
  }
  HealthCheck check = found.take();
  if (check.status == HealthStatus::ok) check.detail = "commits survive a crash";
  return check;
}

HealthCheck judge_latency(std::chrono::microseconds round_trip, const HealthOptions& options) {
  Findings found("latency");
  const double milliseconds = static_cast<double>(round_trip.count()) / 1000;
  found.note(std::format("{:.2f} ms for a round trip", milliseconds));
  if (round_trip > options.slow_round_trip) {
    found.warn(std::format("over {} ms", options.slow_round_trip.count()),
               "run the program nearer to its database, or look for what keeps the server busy");
  }
  return found.take();
}

}  // namespace loci::storage::health
