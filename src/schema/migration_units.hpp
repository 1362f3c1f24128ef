#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loci::schema {

/// Statements that are run and recorded together.
struct MigrationUnit {
  std::string_view sql;
  std::size_t begin = 0;  ///< Offset in the migration's text.
  int statements = 0;
  bool transaction = true;  ///< Else the one statement refuses to run in a transaction.
};

/// Cuts a migration into what runs at once: all of it, unless a statement refuses to run in a
/// transaction, an enum's new value is used after it was added, or the text asks for none. Then
/// each statement is a unit, and so is each BEGIN ... COMMIT. Views point into `text`.
///
/// Errors: Error{configuration}: what find_refusal() tells.
/// A text that cannot be lexed is one unit: the server says best what is wrong with it.
[[nodiscard]] std::vector<MigrationUnit> migration_units(std::string_view text);

struct UnitRefusal {
  std::size_t offset;  ///< Of the statement, in the text.
  std::string why;
};

/// Why a migration's text cannot be run as one: ROLLBACK, a COMMIT without BEGIN or a BEGIN without
/// COMMIT; what lets the migrator's lock go; a role for the statements behind it, where each has a
/// transaction of its own and none would have it; what could not be settled after a crash, such as
/// a CREATE INDEX CONCURRENTLY without a name.
[[nodiscard]] std::optional<UnitRefusal> find_refusal(std::string_view text);

/// The statements of a unit that only set something in the session, and must run again in another.
[[nodiscard]] std::vector<std::string_view> session_settings(const MigrationUnit& unit);

/// How many statements these units hold.
[[nodiscard]] int count_statements(std::span<const MigrationUnit> units);

/// 32 hex digits over the SQL of these units.
[[nodiscard]] std::string checksum_of(std::span<const MigrationUnit> units);

}  // namespace loci::schema
