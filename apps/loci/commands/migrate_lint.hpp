#pragma once
#include <loci/schema/migration.hpp>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "../engine.hpp"

namespace loci::app {

/// The migrations of a folder, or the built-in ones when it is empty.
[[nodiscard]] inline std::vector<schema::Migration> migrations_of(const std::string& folder) {
  return folder.empty() ? schema::built_in_migrations() : schema::load_migrations(folder);
}

/// `loci migrate lint`. `read` gives the migrations when the command runs.
void add_lint_command(CLI::App& migrate, const GlobalOptions& options,
                      std::function<std::vector<schema::Migration>()> read, int& exit_code);

}  // namespace loci::app
