#pragma once
#include <loci/config/read_settings.hpp>

#include <string>
#include <vector>

namespace loci::app {

/// What every command takes.
struct GlobalOptions {
  std::string config_file;
  std::vector<std::string> set;     ///< `KEY=VALUE` each.
  std::vector<config::Flag> flags;  ///< Flags of one command alone that stand for settings.
  std::string database_url;
  std::string data_dir;
  bool json = false;
  bool quiet = false;
};

/// Where the settings of a command come from. Errors: CLI::ValidationError, for a --set without
/// `=`.
[[nodiscard]] config::Sources sources_of(const GlobalOptions& options);

/// What holds for a command where nobody says otherwise.
[[nodiscard]] config::Settings command_defaults();

/// Errors: configuration.
[[nodiscard]] config::Settings settings_for(const GlobalOptions& options,
                                            config::Settings defaults = command_defaults());

}  // namespace loci::app
