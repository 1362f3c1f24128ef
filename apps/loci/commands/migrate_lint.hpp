#pragma once
#include <loci/schema/migration.hpp>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "../engine.hpp"

namespace loci::app {

/// Those that the settings name.
[[nodiscard]] inline std::vector<schema::Migration> migrations_of(
    const config::Settings& settings) {
  const std::filesystem::path& folder = settings.postgres.migrations;
  return folder.empty() ? schema::built_in_migrations() : schema::load_migrations(folder);
}

/// `loci migrate lint`. `read` gives the migrations when the command runs.
void add_lint_command(CLI::App& migrate, const GlobalOptions& options,
                      std::function<std::vector<schema::Migration>()> read, int& exit_code);

}  // namespace loci::app
