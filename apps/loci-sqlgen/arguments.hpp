#pragma once
#include "sqlgen/commands.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// Where a command's schema and queries are: a settings file, or options in place of one.
struct SetArguments {
  std::string config;
  std::vector<std::filesystem::path> schema;
  std::vector<std::filesystem::path> queries;
  std::filesystem::path out;
  std::string name_space = "loci::queries";
  std::filesystem::path out_root;

  /// The settings file, or what the options say in place of one.
  /// Errors: CLI::ValidationError for options that do not go together; configuration, of the file.
  [[nodiscard]] Config settings() const;
  [[nodiscard]] std::vector<QuerySet> sets() const { return settings().sets; }
};

/// Adds -f, --schema and --queries; with `writes`, --out, --namespace and --out-root too.
void add_set_arguments(CLI::App& command, SetArguments& arguments, bool writes);

}  // namespace loci::sqlgen
