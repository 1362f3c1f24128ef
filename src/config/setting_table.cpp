#include "config/setting_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>
#include <vector>

#include "base/nearest.hpp"
#include "config/duration.hpp"

namespace loci::config {

namespace {

constexpr std::string_view k_text = "text";
constexpr std::string_view k_positive = "a whole number of 1 or more";
constexpr std::string_view k_count = "a whole number of 0 or more";
constexpr std::string_view k_duration = "a duration such as 100ms, 30s, 15m, 1h or 0";
constexpr std::string_view k_bool = "true or false";
constexpr std::string_view k_start = "lazy or eager";
constexpr const char* k_api_key = "LOCI_EMBEDDING_API_KEY";

template <class Number>
bool number(const std::string& text, Number least, Number& out) {
  Number value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last || value < least) return false;
  out = value;
  return true;
}

template <class Duration>
bool duration(const std::string& text, Duration& out) {
  const auto parsed = parse_duration(text);
  if (!parsed) return false;
  out = std::chrono::ceil<Duration>(*parsed);
  return true;
}

bool boolean(const std::string& text, bool& out) {
  const bool yes = text == "true" || text == "yes" || text == "on" || text == "1";
  const bool no = text == "false" || text == "no" || text == "off" || text == "0";
  if (yes || no) out = yes;
  return yes || no;
}

template <class Text>
bool assign(Text& out, const std::string& text) {
  out = text;
  return true;
}

bool pool_start(Settings& settings, const std::string& text) {
  if (text != "lazy" && text != "eager") return false;
  settings.pool.start = text == "lazy" ? pg::PoolStart::lazy : pg::PoolStart::eager;
  return true;
}

bool dimensions(Settings& settings, const std::string& text) {
  embed::OpenAiOptions& openai = settings.embedder.openai;
  if (!number<std::size_t>(text, 1, openai.dimensions)) return false;
  settings.embedder.hashing.dimensions = openai.dimensions;
  openai.send_dimensions = true;
  return true;
}

bool min_connections(Settings& settings, const std::string& text) {
  return number(text, 0, settings.pool.min_connections.emplace());
}

template <auto Member>
bool pool_duration(Settings& settings, const std::string& text) {
  return duration(text, settings.pool.*Member);
}

template <auto Member, int Least>
bool pool_number(Settings& settings, const std::string& text) {
  using Number = std::remove_cvref_t<decltype(settings.pool.*Member)>;
  return number<Number>(text, Least, settings.pool.*Member);
}

template <auto Member>
bool openai_text(Settings& settings, const std::string& text) {
  return assign(settings.embedder.openai.*Member, text);
}

using embed::OpenAiOptions;
using pg::PoolOptions;

constexpr std::array k_table{
    Setting{"database.url", "DATABASE_URL", k_text,
            [](Settings& to, const std::string& text) { return assign(to.database_url, text); }},
    Setting{
        "database.data_dir", "LOCI_DATA_DIR", k_text,
        [](Settings& to, const std::string& text) { return assign(to.embedded.data_dir, text); }},

    Setting{"pool.max_connections", "MAX_CONNECTIONS", k_positive,
            pool_number<&PoolOptions::max_connections, 1>},
    Setting{"pool.min_connections", "MIN_CONNECTIONS", k_count, min_connections},
    Setting{"pool.shared_connections", nullptr, k_count,
            pool_number<&PoolOptions::shared_connections, 0>},
    Setting{"pool.statement_cache", nullptr, k_count,
            pool_number<&PoolOptions::statement_cache, 0>},
    Setting{"pool.pgbouncer", nullptr, k_bool,
            [](Settings& to, const std::string& text) { return boolean(text, to.pool.pgbouncer); }},
    Setting{"pool.max_lifetime", "MAX_CONN_LIFETIME", k_duration,
            pool_duration<&PoolOptions::max_lifetime>},
    Setting{"pool.max_idle_time", "MAX_CONN_IDLE_TIME", k_duration,
            pool_duration<&PoolOptions::max_idle_time>},
    Setting{"pool.health_check_period", "HEALTH_CHECK_PERIOD", k_duration,
            pool_duration<&PoolOptions::health_check_period>},
    Setting{"pool.acquire_timeout", nullptr, k_duration,
            pool_duration<&PoolOptions::acquire_timeout>},
    Setting{"pool.connect_timeout", nullptr, k_duration,
            pool_duration<&PoolOptions::connect_timeout>},
    Setting{"pool.cancel_patience", nullptr, k_duration,
            pool_duration<&PoolOptions::cancel_patience>},
    Setting{"pool.max_waiters", nullptr, k_count, pool_number<&PoolOptions::max_waiters, 0>},
    Setting{"pool.max_connecting", nullptr, k_positive,
            pool_number<&PoolOptions::max_connecting, 1>},
    Setting{"pool.reconnect_pause_cap", nullptr, k_duration,
            pool_duration<&PoolOptions::reconnect_pause_cap>},
    Setting{"pool.dead_peer_timeout", nullptr, k_duration,
            pool_duration<&PoolOptions::dead_peer_timeout>},
    Setting{"pool.statement_timeout", "STATEMENT_TIMEOUT", k_duration,
            pool_duration<&PoolOptions::statement_timeout>},
    Setting{"pool.lock_timeout", "LOCK_TIMEOUT", k_duration,
            pool_duration<&PoolOptions::lock_timeout>},
    Setting{"pool.idle_in_transaction_timeout", nullptr, k_duration,
            pool_duration<&PoolOptions::idle_in_transaction_timeout>},
    Setting{"pool.start", nullptr, k_start, pool_start},

    Setting{"queries.stats", "ENABLE_QUERY_STATS", k_bool,
            [](Settings& to, const std::string& text) {
              return boolean(text, to.pool.observe.statistics);
            }},
    Setting{"queries.slow_threshold", "SLOW_QUERY_THRESHOLD", k_duration,
            [](Settings& to, const std::string& text) {
              return duration(text, to.pool.observe.slow_query_threshold);
            }},
    Setting{"queries.explain_slow", nullptr, k_bool,
            [](Settings& to, const std::string& text) {
              return boolean(text, to.pool.observe.explain_slow_queries);
            }},

    Setting{"embedder.kind", "LOCI_EMBEDDER", k_text,
            [](Settings& to, const std::string& text) { return assign(to.embedder.kind, text); }},
    Setting{"embedder.url", "LOCI_EMBEDDING_URL", k_text, openai_text<&OpenAiOptions::base_url>},
    Setting{"embedder.model", "LOCI_EMBEDDING_MODEL", k_text, openai_text<&OpenAiOptions::model>},
    Setting{"embedder.dimensions", "LOCI_EMBEDDING_DIMENSIONS", k_positive, dimensions},
    Setting{"embedder.api_key_file", "LOCI_EMBEDDING_API_KEY_FILE", k_text,
            openai_text<&OpenAiOptions::api_key_file>},
    // Only its name is kept: the key itself is read where it is used.
    Setting{"", k_api_key, k_text,
            [](Settings& to, const std::string&) {
              return assign(to.embedder.openai.api_key_variable, k_api_key);
            }},
};

}  // namespace

std::span<const Setting> setting_table() noexcept {
  return k_table;
}

const Setting* find_setting(std::string_view key) noexcept {
  const auto found = std::ranges::find(k_table, key, &Setting::key);
  return found == k_table.end() || key.empty() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view key) {
  std::vector<std::string_view> keys;
  for (const Setting& setting : k_table) {
    if (!setting.key.empty()) keys.push_back(setting.key);
  }
  return nearest(key, keys);
}

}  // namespace loci::config
