// What is in the database: migrations, extensions, indexes.
#include "storage/health/checks.hpp"
#include "storage/health/findings.hpp"

#include <loci/storage/hazards.hpp>

namespace loci::storage::health {

namespace {

constexpr Version k_least_pgvector{0, 8, 0};
using State = schema::MigrationStatus::State;

std::string label(const schema::MigrationStatus& migration) {
  return (migration.version == 0 ? "R_" : std::to_string(migration.version)) + "_" + migration.name;
}

/// `name_ccnew`, `name_ccold1`, perhaps in quotes.
bool is_copy(std::string_view index) {
  if (index.ends_with('"')) index.remove_suffix(1);
  index = index.substr(0, index.find_last_not_of("0123456789") + 1);  // npos + 1 is 0
  return index.ends_with("_ccnew") || index.ends_with("_ccold");
}

}  // namespace

HealthCheck judge_migrations(const std::vector<schema::MigrationStatus>& statuses) {
  Findings found("migrations");
  std::size_t due = 0;
  for (const schema::MigrationStatus& migration : statuses) {
    if (migration.state == State::late) {
      found.fail(label(migration) + " came late", migration.remedy);
      continue;
    }
    if (schema::is_due(migration.state)) ++due;
    if (schema::is_drift(migration)) {
      const char* const how = migration.state == State::changed   ? " was changed since it ran"
                              : migration.state == State::missing ? " ran and is gone"
                                                                  : " is another program's";
      found.fail(label(migration) + how, migration.remedy);
    }
  }
  if (due > 0) found.fail(std::to_string(due) + " are pending", "loci migrate up");
  HealthCheck check = found.take();
  if (check.status == HealthStatus::ok) {
    const auto applied =
        std::ranges::count(statuses, State::applied, &schema::MigrationStatus::state);
    check.detail = "all " + std::to_string(applied) + " applied";
  }
  return check;
}

HealthCheck judge_extensions(const Rows<queries::ListExtensions>& extensions) {
  Findings found("extensions");
  bool has_vector = false;
  for (const auto& each : extensions) {
    const std::string name = each.name == "vector" ? "pgvector" : each.name;
    if (!each.installed) continue;
    has_vector = has_vector || each.name == "vector";
    found.note(name + " " + *each.installed);
    const auto version = Version::parse(*each.installed);
    const auto available = Version::parse(each.available);
    if (each.name == "vector" && version && *version < k_least_pgvector) {
      found.fail("older than 0.8",
                 "install pgvector 0.8 or later, then run: alter extension "
                 "vector update");
    } else if (version && available && *version < *available) {
      found.warn("the server has " + each.available,
                 "alter extension " + each.name + " update, as its owner");
    }
  }
  if (!has_vector) {
    found.fail("pgvector is missing", "an administrator runs: create extension vector");
  }
  return found.take();
}

HealthCheck judge_indexes(const Rows<queries::ListInvalidIndexes>& invalid) {
  Findings found("indexes");
  for (const auto& each : invalid) {
    // REINDEX CONCURRENTLY was cut off: the index that it was to replace is there.
    const bool copy = is_copy(each.index);
    found.warn(each.index + " on " + each.table + " is invalid: it costs writes and serves nothing",
               copy ? "drop index concurrently " + each.index
                    : "reindex index concurrently " + each.index + ", or drop it");
  }
  HealthCheck check = found.take();
  if (check.status == HealthStatus::ok) check.detail = "none is invalid";
  return check;
}

}  // namespace loci::storage::health
