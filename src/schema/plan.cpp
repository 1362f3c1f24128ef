#include "schema/plan.hpp"

#include "schema/drift.hpp"

#include <loci/base/error.hpp>

#include <algorithm>
#include <map>
#include <ranges>

namespace loci::schema {
namespace {

using Direction = MigrationStep::Direction;
using Kind = MigrationGoal::Kind;

/// Keeps the steps, and what is applied once they have run.
class Planner {
public:
  Planner(std::span<const Migration> migrations, std::span<const AppliedMigration> applied)
      : migrations_(migrations), rows_(applied) {
    for (const AppliedMigration& row : applied) {
      if (row.version > 0) applied_[row.version] = row;
      lowest_ = std::min(lowest_, row.version);
    }
  }

  void finish_begun() {
    for (const AppliedMigration& row : rows_) {
      if (!row.partial()) continue;
      const auto migration = std::ranges::find_if(migrations_, [&](const Migration& each) {
        return find_row(std::span(&row, 1), each) != nullptr;
      });
      if (migration == migrations_.end()) continue;  // a repeatable file that is gone
      if (row.undone) {
        down(row.version);
      } else {
        steps_.push_back({Direction::up, &*migration, row});
        if (row.version > 0) applied_[row.version] = finished(*migration);
      }
    }
  }

  void up(std::int64_t last) {
    for (const Migration& migration : migrations_) {
      if (migration.repeatable() || migration.version > last) continue;
      if (!applied_.contains(migration.version)) apply(migration);
    }
  }

  void repeat() {
    for (const Migration& migration : migrations_) {
      if (!migration.repeatable()) continue;
      const AppliedMigration* known = find_row(rows_, migration);
      if (known && (known->partial() || known->checksum == migration.checksum)) continue;
      const std::int64_t version = known ? known->version : --lowest_;
      AppliedMigration row{.version = version, .name = migration.name};
      steps_.push_back({Direction::up, &migration, std::move(row)});
    }
  }

  void down(std::int64_t version) {
    const auto migration = std::ranges::find(migrations_, version, &Migration::version);
    steps_.push_back({Direction::down, &*migration, applied_.at(version)});
    applied_.erase(version);
  }
  /// Until `count` migrations are or will be undone.
  void down_newest(int count) {
    const auto undone = [this] {
      return std::ranges::count(steps_, Direction::down, &PlannedStep::direction);
    };
    while (!applied_.empty() && undone() < count) down(applied_.rbegin()->first);
  }
  void down_above(std::int64_t version) {
    while (!applied_.empty() && applied_.rbegin()->first > version) down(applied_.rbegin()->first);
  }

  /// The newest alone: what came late below it stays pending.
  void redo() {
    const auto undone = std::ranges::find(steps_, Direction::down, &PlannedStep::direction);
    if (undone == steps_.end() && applied_.empty()) return;
    // An undoing that was begun is the first half of this.
    if (undone == steps_.end()) down(applied_.rbegin()->first);
    const auto newest = std::ranges::find(steps_, Direction::down, &PlannedStep::direction);
    apply(*newest->migration);
  }

  void record(std::int64_t last) {
    for (const Migration& migration : migrations_) {
      if (migration.repeatable() || migration.version > last) continue;
      if (applied_.contains(migration.version)) continue;
      steps_.push_back({Direction::record, &migration, finished(migration)});
    }
  }

  std::vector<PlannedStep> take() { return std::move(steps_); }

private:
  void apply(const Migration& migration) {
    AppliedMigration row{.version = migration.version, .name = migration.name};
    steps_.push_back({Direction::up, &migration, std::move(row)});
    applied_[migration.version] = finished(migration);
  }

  static AppliedMigration finished(const Migration& migration) {
    return {.version = migration.version, .name = migration.name, .checksum = migration.checksum};
  }

  std::span<const Migration> migrations_;
  std::span<const AppliedMigration> rows_;
  std::map<std::int64_t, AppliedMigration> applied_;
  std::int64_t lowest_ = 0;
  std::vector<PlannedStep> steps_;
};

void require_known(std::span<const Migration> migrations, const MigrationGoal& goal) {
  if (goal.version == MigrationGoal{}.version) return;
  if (goal.version == 0 && goal.kind == Kind::go_to) return;
  const auto is = [&](const Migration& each) { return each.version == goal.version; };
  if (goal.version > 0 && std::ranges::any_of(migrations, is)) return;
  throw Error(ErrorKind::invalid_argument,
              "no migration has version " + std::to_string(goal.version));
}

}  // namespace

std::vector<PlannedStep> plan(std::span<const Migration> migrations,
                              std::span<const AppliedMigration> applied, MigrationGoal goal) {
  require_known(migrations, goal);
  Planner planner(migrations, applied);
  planner.finish_begun();
  switch (goal.kind) {
    case Kind::up:
      planner.up(goal.version);
      if (goal.version == MigrationGoal{}.version) planner.repeat();
      break;
    case Kind::down:
      planner.down_newest(goal.count);
      break;
    case Kind::go_to:
      planner.down_above(goal.version);
      planner.up(goal.version);
      break;
    case Kind::redo:
      planner.redo();
      break;
    case Kind::baseline:
      planner.record(goal.version);
  }
  return planner.take();
}

}  // namespace loci::schema
