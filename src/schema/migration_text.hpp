#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How migration tools write both ways of a migration into one file.
namespace loci::schema {

/// Lower case, and one space where there are several: how a tool's comments are compared.
[[nodiscard]] std::string squeezed(std::string_view text);

enum class DirectionMarker : std::uint8_t { up, down };

/// What a line tells goose, sql-migrate, dbmate or tern of the lines behind it; nothing for any
/// other line.
[[nodiscard]] std::optional<DirectionMarker> direction_marker(std::string_view line);

/// The text asks one of these tools, or Loci, not to be run in a transaction; see
/// load_migrations().
[[nodiscard]] bool asks_no_transaction(std::string_view sql);

struct MigrationText {
  std::string up;
  std::string down;  ///< Empty when there is no way back.
};

/// Cuts a file in two. What belongs to the other way becomes spaces, so that every line and column
/// stays what it is in the file; the markers stay with what they begin. A text without markers is
/// all up. Errors: Error{configuration}: it holds what only goose or tern can fill in.
[[nodiscard]] MigrationText split_directions(std::string_view text);

}  // namespace loci::schema
