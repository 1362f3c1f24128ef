#include "storage/health/doctor_checks.hpp"

#include "storage/health/findings.hpp"

#include <loci/pg/quote.hpp>
#include <loci/storage/hazards.hpp>

namespace loci::storage::health {

namespace {

constexpr std::int64_t k_megabyte = 1 << 20;
constexpr std::int64_t k_built_in_buffers = 128 * k_megabyte;  // PostgreSQL's own default
constexpr std::int64_t k_enough_buffers = 1024 * k_megabyte;   // beyond it the gain is small
constexpr std::int64_t k_least_maintenance = 64 * k_megabyte;
constexpr double k_spinning_cost =
    3;  // a random page of an SSD costs little more than the next one

// As PostgreSQL reads it.
std::string setting_text(std::int64_t bytes) {
  return std::to_string(std::max<std::int64_t>(bytes / k_megabyte, 1)) + "MB";
}

void judge_buffers(Findings& found, const ServerSettings& settings, std::int64_t memory) {
  const std::int64_t fits = std::min(memory / 4, k_enough_buffers);
  if (settings.shared_buffers < fits / 2) {
    found.warn("shared_buffers is small for " + bytes_text(memory) + " of memory",
               "set shared_buffers = " + setting_text(fits));
  } else if (settings.shared_buffers > memory / 2) {
    found.warn("shared_buffers takes over half of the memory",
               "set shared_buffers = " + setting_text(memory / 4));
  }
  if (settings.work_mem > memory / 4 / std::max<std::int64_t>(settings.max_connections, 1)) {
    found.warn(std::format("work_mem times {} connections is over a quarter of the memory",
                           settings.max_connections),
               "lower work_mem, or max_connections");
  }
}

}  // namespace

HealthCheck judge_versions(const std::string& server_version,
                           const std::vector<queries::ListExtensions::Row>& extensions,
                           std::int64_t hnsw) {
  Findings found("versions");
  const auto look = [&](std::string_view product, const std::string& text) {
    const auto version = Version::parse(text);
    if (!version) return;
    for (const Hazard& hazard : known_hazards()) {
      if (hazard.product != product || !is_affected(hazard, *version)) continue;
      const std::string name = product == "vector" ? "pgvector" : "PostgreSQL";
      found.warn(name + " " + text + ": " + std::string(hazard.what), std::string(hazard.remedy));
    }
  };
  look("postgresql", server_version);
  for (const auto& extension : extensions) {
    if (extension.installed) look(extension.name, *extension.installed);
  }
  HealthCheck check = found.take();
  if (check.status == HealthStatus::ok) {
    check.detail = "no known fault of these";
  } else {
    check.detail += std::format("; {} HNSW indexes here", hnsw);
  }
  return check;
}

HealthCheck judge_memory(const ServerSettings& settings, const MachineFacts& machine,
                         std::int64_t largest_vector_index) {
  Findings found("memory");
  found.note("shared_buffers " + bytes_text(settings.shared_buffers) + ", work_mem " +
             bytes_text(settings.work_mem) + ", maintenance_work_mem " +
             bytes_text(settings.maintenance_work_mem));
  if (machine.memory) {
    judge_buffers(found, settings, static_cast<std::int64_t>(*machine.memory));
  } else if (settings.shared_buffers <= k_built_in_buffers) {
    found.warn("shared_buffers is what PostgreSQL has from its package",
               "set it to a quarter of the server's memory, up to a few GB");
  }
  if (settings.maintenance_work_mem < k_least_maintenance) {
    found.warn("maintenance_work_mem is small", "set maintenance_work_mem = 64MB or more");
  } else if (largest_vector_index > settings.maintenance_work_mem) {
    found.warn("the largest vector index, of " + bytes_text(largest_vector_index) +
                   ", does not fit into maintenance_work_mem: building it anew is slow",
               "set maintenance_work_mem = " +
                   setting_text(largest_vector_index + largest_vector_index / 4) +
                   " in the session that builds it");
  }
  return found.take();
}

HealthCheck judge_planner(const ServerSettings& settings, const MachineFacts& machine) {
  Findings found("planner");
  found.note(std::format("random_page_cost {}, jit {}", settings.random_page_cost,
                         settings.jit ? "on" : "off"));
  if (settings.random_page_cost >= k_spinning_cost && !machine.spinning_disk.value_or(false)) {
    found.warn("random_page_cost is for spinning disks: indexes look dearer than they are",
               "set random_page_cost = 1.1 where the disk is an SSD");
  }
  if (settings.jit) {
    found.warn("queries here are short, and compiling them costs more than it saves",
               "set jit = off");
  }
  return found.take();
}

HealthCheck judge_checkpoints(const ServerSettings& settings) {
  Findings found("checkpoints");
  found.note(std::format("{} by time, {} asked for or by the amount written",
                         settings.timed_checkpoints, settings.requested_checkpoints));
  constexpr std::int64_t few = 10;
  if (settings.requested_checkpoints > few &&
      settings.requested_checkpoints > settings.timed_checkpoints) {
    found.warn("most come before their time, and write whole pages again",
               "set max_wal_size = " + setting_text(settings.max_wal_size * 2) + " or more");
  }
  if (!settings.autovacuum) {
    found.fail("autovacuum is off: tables bloat, and the server stops in the end",
               "set autovacuum = on");
  }
  return found.take();
}

HealthCheck judge_limits(const ServerSettings& settings) {
  Findings found("limits");
  if (settings.statement_timeout <= 0) {
    return found
        .warn("a statement may run for ever",
              "set storage.postgres.statement_timeout, 30s as it comes")
        .take();
  }
  return found.note("a statement may run for " + seconds_text(settings.statement_timeout)).take();
}

HealthCheck judge_row_security(const std::vector<queries::ListUnprotectedTables::Row>& unprotected,
                               const queries::DescribeRoles::Row& roles) {
  Findings found("row_security");
  const std::string role = pg::quote_identifier(roles.role);
  for (const auto& each : unprotected) {
    found.fail("row security of " + each.table + " is not enabled and forced",
               "alter table " + each.table + " enable row level security; alter table " +
                   each.table + " force row level security");
  }
  if (roles.superuser) {
    found.fail(
        "role " + roles.role + " is a superuser, whom row security does not bind",
        "let programs connect as a role of their own, or: alter role " + role + " nosuperuser");
  }
  if (roles.bypasses) {
    found.fail("role " + roles.role + " passes row security by",
               "alter role " + role + " nobypassrls");
  }
  if (roles.search_logs_in) {
    found.fail("role loci_search, which reads the rows of all tenants, may log in",
               "alter role loci_search nologin");
  }
  HealthCheck check = found.take();
  if (check.status == HealthStatus::ok) check.detail = "binds every table and role " + roles.role;
  return check;
}

}  // namespace loci::storage::health
