#include "sources.hpp"

#include <CLI/CLI.hpp>

#include <utility>

namespace loci::app {

config::Sources sources_of(const GlobalOptions& options) {
  config::Sources sources{.file = options.config_file};
  for (const std::string& word : options.set) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      throw CLI::ValidationError("--set", "takes KEY=VALUE; `loci config show` lists the keys");
    }
    sources.flags.push_back({.key = word.substr(0, equals), .value = word.substr(equals + 1)});
  }
  const auto add = [&](const char* key, const std::string& value, const char* flag) {
    sources.flags.push_back({.key = key, .value = value, .name = flag});
  };
  if (!options.data_dir.empty()) {
    add("storage.postgres.data_dir", options.data_dir, "--data-dir");
    add("storage.postgres.database_url", "", "--data-dir");  // it asks for the private server
  }
  if (!options.database_url.empty()) {
    add("storage.postgres.database_url", options.database_url, "--database-url");
  }
  sources.flags.insert(sources.flags.end(), options.flags.begin(), options.flags.end());
  return sources;
}

config::Settings command_defaults() {
  // An import's statements may take long, and whoever looks on ends them with Ctrl-C: the library's
  // limit is for programs that nobody looks at.
  config::Settings defaults;
  defaults.postgres.pool.statement_timeout = {};
  return defaults;
}

config::Settings settings_for(const GlobalOptions& options, config::Settings defaults) {
  config::ReadSettings read = config::read_settings(sources_of(options), std::move(defaults));
  config::refuse_faults(read);
  return std::move(read.settings);
}

}  // namespace loci::app
