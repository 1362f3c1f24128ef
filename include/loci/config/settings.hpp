#pragma once
#include <loci/embed/make_embedder.hpp>
#include <loci/pg/embedded_server.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace loci::config {

/// What a program needs to start: each module's own options, filled from outside.
struct Settings {
  std::string database_url;  ///< Empty: the embedded server.
  pg::EmbeddedOptions embedded;
  embed::EmbedderOptions embedder;
};

/// Looks an environment variable up; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The environment of this process.
[[nodiscard]] std::optional<std::string> process_environment(const char* name);

/// Reads DATABASE_URL, LOCI_DATA_DIR, LOCI_EMBEDDER (hashing, openai), LOCI_EMBEDDING_URL,
/// LOCI_EMBEDDING_MODEL, LOCI_EMBEDDING_DIMENSIONS, LOCI_EMBEDDING_API_KEY_FILE and
/// LOCI_EMBEDDING_API_KEY. An empty variable counts as not set.
/// Errors: configuration, naming the variable and what it takes.
[[nodiscard]] Settings load_settings(const Environment& environment = process_environment);

}  // namespace loci::config
