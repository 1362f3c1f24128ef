#pragma once
#include "sqlgen/emit_options.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// What `loci-sqlgen.yaml` says: version 2 of sqlc's format with a `gen: cpp:` block.
namespace loci::sqlgen {

/// Queries over one schema, and where their headers go.
struct QuerySet {
  std::string name = {};  ///< As the file calls it; may be empty.
  /// Files, folders or patterns, as list_sql_files() takes them; so are the queries.
  std::vector<std::filesystem::path> schema = {};
  std::string database_uri = {};  ///< Where the schema comes from when `schema` is empty.
  std::vector<std::filesystem::path> queries = {};
  std::filesystem::path out = {};
  EmitOptions emit = {};
  std::vector<std::string> rules = {};  ///< Names of what `vet` checks; empty: the built-in ones.
  std::vector<std::string> large_tables = {};  ///< Whose sequential scans `vet` reports.
  /// What all of this was read from: the same text gives the same settings.
  std::string settings = {};
};

/// A rule of the user's own for `vet`.
struct CustomRule {
  std::string name;
  std::string message;
  std::string sql;  ///< Empty: `rule` was given, in sqlc's expression language (CEL).
};

struct Config {
  std::filesystem::path file;
  std::vector<QuerySet> sets;  ///< Those with `gen: cpp:`; at least one.
  std::vector<CustomRule> rules;
};

inline constexpr const char* config_name = "loci-sqlgen.yaml";

/// The nearest loci-sqlgen.yaml, from `folder` upwards; relative to it when `folder` is relative.
[[nodiscard]] std::optional<std::filesystem::path> find_config(std::filesystem::path folder);

/// Reads the file. Paths in it are relative to its folder. What is for other generators is passed
/// over: their `gen` blocks, plugins, `cloud`. `${NAME}` in `database: uri` is taken from the
/// environment.
///
/// Errors: configuration, `file:line:column: ...`, for a key that is unknown (the nearest is
/// named), for a value that does not fit, for an engine other than postgresql beside `gen: cpp:`,
/// and when no part of the file has `gen: cpp:`. Values are never repeated.
[[nodiscard]] Config read_config(const std::filesystem::path& file);

}  // namespace loci::sqlgen
