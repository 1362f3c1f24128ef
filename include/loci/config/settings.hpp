#pragma once
#include <loci/embed/make_embedder.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/pg/pool_options.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace loci::config {

/// What a program needs to start: each module's own options, filled from outside.
struct Settings {
  std::string database_url;  ///< Empty: the embedded server.
  pg::EmbeddedOptions embedded;
  pg::PoolOptions pool;  ///< Without its conninfo: that follows from the two above.
  embed::EmbedderOptions embedder;
};

/// Looks an environment variable up; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The environment of this process.
[[nodiscard]] std::optional<std::string> process_environment(const char* name);

/// `defaults`, changed by the YAML file that LOCI_CONFIG names, when it names one, and then by the
/// environment, which wins. docs/operations.md lists the keys and the variables. An empty variable
/// counts as not set.
///
/// A duration is a whole number and its unit: 100ms, 30s, 15m, 1h, 2d; or 0.
///
/// Errors: configuration. It names the variable, or the file, the line and the key, and what that
/// takes; for an unknown key, the nearest known one. No value is ever repeated: it may be a secret.
[[nodiscard]] Settings load_settings(const Environment& environment = process_environment,
                                     Settings defaults = {});

}  // namespace loci::config
