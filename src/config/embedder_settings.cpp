// embedder: who makes vectors of texts.
#include <array>

#include "config/sections.hpp"
#include "config/setting_kinds.hpp"
#include "config/url_secrets.hpp"

namespace loci::config {

namespace {

using embed::EmbedderOptions;
using embed::OpenAiOptions;
using namespace std::chrono_literals;

template <auto Member>
using Embedder = Option<&Settings::embedder, Member>;
template <auto Member>
using OpenAi = Option<&Settings::embedder, &EmbedderOptions::openai, Member>;

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> k_kinds{
    {{"hashing", "hashing"}, {"openai", "openai"}}};

// Of the key and the file that holds it, the one that was given last counts.
constexpr Setting api_key() {
  return {.key = "embedder.api_key",
          .variable = "LOCI_EMBEDDING_API_KEY",
          .set =
              [](const Setting&, Settings& to, Setting::Values values) {
                const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f; };
                if (!std::ranges::all_of(values[0], is_plain)) return false;
                to.embedder.openai.api_key = embed::Secret(values[0]);
                to.embedder.openai.api_key_file.clear();
                return true;
              },
          .takes = [](const Setting&) { return std::string("printable ASCII without blanks"); },
          .get = [](const Settings& settings) -> std::optional<std::string> {
            if (settings.embedder.openai.api_key.empty()) return std::nullopt;
            return settings.embedder.openai.api_key.reveal();
          },
          .shown = [](const std::string&) { return std::string("(hidden)"); }};
}

constexpr Setting api_key_file() {
  using File = OpenAi<&OpenAiOptions::api_key_file>;
  Setting made = text<File>("embedder.api_key_file", "LOCI_EMBEDDING_API_KEY_FILE");
  made.set = [](const Setting& setting, Settings& to, Setting::Values values) {
    static constexpr Setting text_alone = text<File>({});
    if (!text_alone.set(setting, to, values)) return false;
    to.embedder.openai.api_key = {};
    return true;
  };
  return made;
}

// No credentials belong there, and whoever put some did not mean to show them.
constexpr Setting url() {
  Setting made = text<OpenAi<&OpenAiOptions::base_url>>("embedder.url", "LOCI_EMBEDDING_URL");
  made.shown = url_without_user;
  return made;
}

constexpr std::array k_settings{
    choice<Embedder<&EmbedderOptions::kind>, k_kinds>("embedder.kind", "LOCI_EMBEDDER"),
    url(),
    text<OpenAi<&OpenAiOptions::model>>("embedder.model", "LOCI_EMBEDDING_MODEL"),
    number<OpenAi<&OpenAiOptions::batch_size>>("embedder.batch_size", "LOCI_EMBEDDING_BATCH_SIZE",
                                               1, 2048),
    duration<OpenAi<&OpenAiOptions::timeout>>("embedder.timeout", "LOCI_EMBEDDING_TIMEOUT", 1ms,
                                              1h),
    duration<OpenAi<&OpenAiOptions::total_timeout>>("embedder.total_timeout",
                                                    "LOCI_EMBEDDING_TOTAL_TIMEOUT", 1ms, 24h),
    number<OpenAi<&OpenAiOptions::max_retries>>("embedder.max_retries",
                                                "LOCI_EMBEDDING_MAX_RETRIES", 0, 100),
    api_key_file(),
    api_key(),
};

}  // namespace

std::span<const Setting> embedder_settings() noexcept {
  return k_settings;
}

}  // namespace loci::config
