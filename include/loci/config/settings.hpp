#pragma once
#include <loci/cache/options.hpp>
#include <loci/embed/make_embedder.hpp>
#include <loci/pg/embedded_server.hpp>
#include <loci/storage/postgres_storage.hpp>
#include <loci/vector/options.hpp>

#include <functional>
#include <optional>
#include <string>

namespace loci::config {

/// What a program needs to start: each module's own options, filled from outside.
struct Settings {
  std::string database_url;  ///< Empty: the private server.
  pg::EmbeddedOptions embedded;
  /// Without the pool's conninfo, which follows from the two above, and without auto_migrate, which
  /// follows from the one below.
  storage::PostgresOptions postgres;
  std::optional<bool> auto_migrate;  ///< Unset: the private server alone.
  embed::EmbedderOptions embedder;
  vector::VectorOptions vector;
  cache::CacheOptions cache;
};

/// Looks an environment variable up; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The environment of this process.
[[nodiscard]] std::optional<std::string> process_environment(const char* name);

/// `defaults`, changed by the settings file, and then by the environment, which wins.
/// docs/operations.md lists the keys, the variables, and where the file is looked for.
///
/// Errors: configuration, naming what is wrong with each place of the file and each variable. No
/// value is ever repeated: it may be a secret. For more than settings (where each came from; flags
/// of a command line; every fault by itself): read_settings().
[[nodiscard]] Settings load_settings(const Environment& environment = process_environment,
                                     Settings defaults = {});

}  // namespace loci::config
