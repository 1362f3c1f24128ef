#pragma once
#include <CLI/CLI.hpp>

#include <loci/base/uuid.hpp>
#include <string>

#include "engine.hpp"
#include "terminal.hpp"

namespace loci::app {

/// Each adds its commands to the parser. A command stores its exit code in `exit_code`.
void add_server_commands(CLI::App& app, const GlobalOptions& options, int& exit_code);
void add_migrate_commands(CLI::App& app, const GlobalOptions& options, int& exit_code);
void add_import_commands(CLI::App& app, const GlobalOptions& options, int& exit_code);
void add_search_commands(CLI::App& app, const GlobalOptions& options, int& exit_code);
void add_browse_commands(CLI::App& app, const GlobalOptions& options, int& exit_code);
void add_config_commands(CLI::App& app, const GlobalOptions& options, int& exit_code);
void add_vector_commands(CLI::App& app, const GlobalOptions& options, int& exit_code);
void add_health_commands(CLI::App& app, const GlobalOptions& options, int& exit_code);

/// The id that an argument of this name must be; CLI::ValidationError (exit 2) when it is none.
[[nodiscard]] inline Uuid id_argument(const std::string& name, const std::string& text) {
  if (const auto id = Uuid::parse(text)) return *id;
  throw CLI::ValidationError(name, "\"" + printable(text) + "\" is not an id");
}

inline constexpr int k_exit_failed = 1;
inline constexpr int k_exit_usage = 2;
inline constexpr int k_exit_faults = 3;  ///< Done, but part of the input was broken; a warning.
inline constexpr int k_exit_interrupted = 130;

}  // namespace loci::app
