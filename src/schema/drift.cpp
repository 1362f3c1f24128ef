#include "schema/drift.hpp"

#include "schema/labels.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <ranges>

namespace loci::schema {

using State = MigrationStatus::State;

namespace {

std::int64_t newest(std::span<const AppliedMigration> applied) {
  std::int64_t version = 0;
  for (const AppliedMigration& row : applied) version = std::max(version, row.version);
  return version;
}

MigrationStatus status_of(const Migration& migration, const AppliedMigration& row) {
  MigrationStatus status{.version = migration.version,
                         .name = migration.name,
                         .state = State::applied,
                         .applied_at = row.at,
                         .statements_done = row.undone.value_or(row.done),
                         .statements_total = row.total};
  if (row.partial() && (migration.repeatable() || row.name == migration.name)) {
    status.state = State::partial;
    status.remedy = row.undone ? "its undoing was begun: the next run finishes it"
                               : "the next run goes on where it stopped";
  } else if (!row.partial() && row.checksum == migration.checksum) {
    return status;
  } else if (migration.repeatable()) {
    status.state = State::outdated;
  } else if (row.name == migration.name) {
    status.state = State::changed;
    status.remedy = "it was changed after it was applied (checksum " + row.checksum.substr(0, 8) +
                    " then, " + migration.checksum.substr(0, 8) +
                    " now): restore the file and put the change into a new migration";
  } else {
    status.state = State::foreign;
    status.remedy = "the database has " + label(row.version, row.name) +
                    " under this version: another program's migrations, or a branch that was not "
                    "merged; give one of them another version";
  }
  return status;
}

/// Applied, and no file has its version.
MigrationStatus status_of(const AppliedMigration& row, std::int64_t newest_file) {
  MigrationStatus status{.version = std::max<std::int64_t>(row.version, 0),
                         .name = row.name,
                         .applied_at = row.at,
                         .statements_done = row.done,
                         .statements_total = row.total};
  if (row.version > newest_file) {
    status.state = State::foreign;
    status.remedy =
        "it is applied but unknown to this program: the database is newer; use a newer program";
  } else {
    status.state = State::missing;
    status.remedy = row.repeatable() ? "its file is gone; what it made is still there"
                                     : "it is applied and its file is gone: restore the file";
  }
  return status;
}

}  // namespace

const AppliedMigration* find_row(std::span<const AppliedMigration> applied,
                                 const Migration& migration) {
  const auto same = [&](const AppliedMigration& row) {
    return migration.repeatable() ? row.repeatable() && row.name == migration.name
                                  : row.version == migration.version;
  };
  const auto row = std::ranges::find_if(applied, same);
  return row == applied.end() ? nullptr : &*row;
}

std::vector<MigrationStatus> compare(std::span<const Migration> migrations,
                                     std::span<const AppliedMigration> applied) {
  std::vector<MigrationStatus> statuses;
  std::int64_t newest_file = 0;
  const std::int64_t newest_applied = newest(applied);
  for (const Migration& migration : migrations) {
    newest_file = std::max(newest_file, migration.version);
    if (const AppliedMigration* row = find_row(applied, migration)) {
      statuses.push_back(status_of(migration, *row));
      continue;
    }
    MigrationStatus status{.version = migration.version, .name = migration.name};
    if (!migration.repeatable() && migration.version < newest_applied) {
      status.state = State::late;
      status.remedy = "it stands below " + std::to_string(newest_applied) +
                      ", which is applied already: give it a higher version, or allow late "
                      "migrations if the order does not matter";
    }
    statuses.push_back(std::move(status));
  }
  for (const AppliedMigration& row : applied) {
    const auto is_its_file = [&](const Migration& migration) {
      return find_row(std::span(&row, 1), migration) != nullptr;
    };
    if (std::ranges::none_of(migrations, is_its_file)) {
      statuses.push_back(status_of(row, newest_file));
    }
  }
  std::ranges::stable_sort(statuses, {}, [](const MigrationStatus& status) {
    return std::pair(status.version == 0, status.version);
  });
  return statuses;
}

void refuse_drift(std::span<const MigrationStatus> statuses, bool allow_late) {
  std::string report;
  for (const MigrationStatus& status : statuses) {
    if (!is_drift(status) && (status.state != State::late || allow_late)) continue;
    if (!report.empty()) report += "; ";
    report += "migration " + label(status.version, status.name) + ": " + status.remedy;
  }
  if (!report.empty()) throw Error(ErrorKind::configuration, report);
}

}  // namespace loci::schema
