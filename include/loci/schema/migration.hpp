#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace loci::schema {

/// One step of the schema.
struct Migration {
  std::int64_t version = 0;  ///< 1 or more; 0: repeatable.
  std::string name;
  std::string up;
  std::string down;       ///< Empty: cannot be undone.
  std::string checksum;   ///< 32 hex digits over `up`, line ends normalised.
  std::string file = {};  ///< Where `up` was read from, for messages.

  /// Runs again whenever its checksum has changed, after those with a version.
  [[nodiscard]] bool repeatable() const noexcept { return version == 0; }
};

/// The migrations built into this library, in order: Loci's own schema.
[[nodiscard]] const std::vector<Migration>& built_in_migrations();

/// Reads the `.sql` files of a folder: versions in order, then repeatable files by name. Forms:
/// - `NNNN_name.up.sql` and, if it can be undone, `NNNN_name.down.sql` (golang-migrate);
/// - `NNNN_name.sql` with both ways in it, cut at goose's `-- +goose Up` and `-- +goose Down`,
///   sql-migrate's `-- +migrate Up`, dbmate's `-- migrate:up` or tern's
///   `---- create above / drop below ----`; without any of these it has no way back;
/// - `R__name.sql`, repeatable: views, functions, whatever may be made anew.
///
/// A file runs in one transaction; statement by statement when one of its statements cannot run in
/// a transaction, or when it says `-- +goose NO TRANSACTION`, `-- migrate:up transaction:false`,
/// `-- +migrate Up notransaction`, `---- tern: disable-tx ----` or `-- loci: no transaction`.
///
/// Errors: Error{io} when the folder cannot be read; Error{configuration} naming the file for a
/// name that does not fit, a version twice, a .down without its .up, and what only another tool
/// can fill in (goose's ENVSUB, tern's `{{ }}`).
[[nodiscard]] std::vector<Migration> load_migrations(const std::filesystem::path& folder);

}  // namespace loci::schema
