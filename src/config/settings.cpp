#include <loci/base/error.hpp>
#include <loci/config/settings.hpp>

#include <charconv>
#include <cstdlib>

namespace loci::config {

namespace {

constexpr const char* k_key_variable = "LOCI_EMBEDDING_API_KEY";

std::size_t positive(const char* name, const std::string& text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) {
    throw Error(ErrorKind::configuration, std::string(name) + " takes a whole number of 1 or more");
  }
  return value;
}

}  // namespace

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Settings load_settings(const Environment& environment) {
  const auto set = [&](const char* name) {
    auto value = environment(name);
    if (value && value->empty()) value.reset();
    return value;
  };
  Settings settings;
  settings.database_url = set("DATABASE_URL").value_or("");
  if (auto folder = set("LOCI_DATA_DIR")) settings.embedded.data_dir = *folder;

  embed::OpenAiOptions& openai = settings.embedder.openai;
  if (auto kind = set("LOCI_EMBEDDER")) settings.embedder.kind = *kind;
  if (auto url = set("LOCI_EMBEDDING_URL")) openai.base_url = *url;
  if (auto model = set("LOCI_EMBEDDING_MODEL")) openai.model = *model;
  if (auto file = set("LOCI_EMBEDDING_API_KEY_FILE")) openai.api_key_file = *file;
  if (set(k_key_variable)) openai.api_key_variable = k_key_variable;
  if (auto dimensions = set("LOCI_EMBEDDING_DIMENSIONS")) {
    const std::size_t count = positive("LOCI_EMBEDDING_DIMENSIONS", *dimensions);
    settings.embedder.hashing.dimensions = count;
    openai.dimensions = count;
    openai.send_dimensions = true;
  }
  return settings;
}

}  // namespace loci::config
