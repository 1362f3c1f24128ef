// storage.postgres: the database, and what a connection to it may do.
#include <loci/base/error.hpp>
#include <loci/pg/connection_string.hpp>

#include <array>

#include "config/sections.hpp"
#include "config/setting_kinds.hpp"

namespace loci::config {

namespace {

using namespace std::chrono_literals;
using pg::AutoExplainOptions;
using pg::ObserveOptions;
using pg::PoolOptions;

template <auto... Path>
using Pool = Option<&Settings::postgres, &storage::PostgresOptions::pool, Path...>;
template <auto Member>
using Observe = Pool<&PoolOptions::observe, Member>;
template <auto Member>
using Explain = Pool<&PoolOptions::auto_explain, Member>;

// The server counts its limits in milliseconds of 31 bits.
constexpr auto k_longest_limit = 24 * 24h;
constexpr auto k_longest_life = 365 * 24h;

std::string url_without_secrets(const std::string& url) {
  if (url.empty()) return url;
  try {
    const pg::ConnectionParts parts = pg::split_password(url);
    return parts.password.empty() ? url : parts.conninfo;
  } catch (const Error&) {
    return "(hidden)";
  }
}

constexpr Setting database_url() {
  Setting made =
      text<Option<&Settings::database_url>>("storage.postgres.database_url", "DATABASE_URL");
  made.shown = url_without_secrets;
  return made;
}

constexpr std::array k_settings{
    database_url(),
    text<Option<&Settings::embedded, &pg::EmbeddedOptions::data_dir>>("storage.postgres.data_dir",
                                                                      "LOCI_DATA_DIR"),
    number<Pool<&PoolOptions::max_connections>>("storage.postgres.max_connections",
                                                "MAX_CONNECTIONS", 1, 10'000),
    number<Pool<&PoolOptions::min_connections>>("storage.postgres.min_connections",
                                                "MIN_CONNECTIONS", 0, 10'000),
    duration<Pool<&PoolOptions::max_lifetime>>("storage.postgres.max_conn_lifetime",
                                               "MAX_CONN_LIFETIME", 0ms, k_longest_life),
    duration<Pool<&PoolOptions::max_idle_time>>("storage.postgres.max_conn_idle_time",
                                                "MAX_CONN_IDLE_TIME", 0ms, k_longest_life),
    duration<Pool<&PoolOptions::health_check_period>>("storage.postgres.health_check_period",
                                                      "HEALTH_CHECK_PERIOD", 0ms, 24h),
    duration<Pool<&PoolOptions::statement_timeout>>("storage.postgres.statement_timeout",
                                                    "STATEMENT_TIMEOUT", 0ms, k_longest_limit),
    duration<Pool<&PoolOptions::lock_timeout>>("storage.postgres.lock_timeout", "LOCK_TIMEOUT", 0ms,
                                               k_longest_limit),
    duration<Pool<&PoolOptions::idle_in_transaction_timeout>>(
        "storage.postgres.idle_in_transaction_timeout", nullptr, 0ms, k_longest_limit),
    flag<Observe<&ObserveOptions::statistics>>("storage.postgres.enable_query_stats",
                                               "ENABLE_QUERY_STATS"),
    duration<Observe<&ObserveOptions::slow_query_threshold>>(
        "storage.postgres.slow_query_threshold", "SLOW_QUERY_THRESHOLD", 0ms, 24h),
    flag<Observe<&ObserveOptions::explain_slow_queries>>("storage.postgres.explain_slow_queries"),

    flag<Explain<&AutoExplainOptions::enabled>>("storage.postgres.auto_explain.enabled"),
    flag<Explain<&AutoExplainOptions::log_analyze>>("storage.postgres.auto_explain.log_analyze"),
    flag<Explain<&AutoExplainOptions::log_buffers>>("storage.postgres.auto_explain.log_buffers"),
    flag<Explain<&AutoExplainOptions::log_timing>>("storage.postgres.auto_explain.log_timing"),
    duration<Explain<&AutoExplainOptions::min_duration>>(
        "storage.postgres.auto_explain.min_duration", nullptr, 0ms, k_longest_limit),
};

}  // namespace

std::span<const Setting> postgres_settings() noexcept {
  return k_settings;
}

}  // namespace loci::config
