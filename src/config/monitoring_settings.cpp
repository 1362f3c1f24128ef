// storage.monitoring: what is measured and told.
#include <array>

#include "config/sections.hpp"
#include "config/setting_kinds.hpp"

namespace loci::config {

namespace {

using namespace std::chrono_literals;
using storage::MetricsOptions;
using storage::PostgresOptions;

template <auto Member>
using Metrics = Option<&Settings::postgres, &PostgresOptions::metrics, Member>;

constexpr std::array k_settings{
    flag<Metrics<&MetricsOptions::enabled>>("storage.monitoring.enable_metrics"),
    duration<Metrics<&MetricsOptions::interval>>("storage.monitoring.metrics_interval", nullptr,
                                                 0ms, 24h),
    flag<Option<&Settings::postgres, &PostgresOptions::pool, &pg::PoolOptions::observe,
                &pg::ObserveOptions::slow_query_log>>("storage.monitoring.slow_query_log"),
    flag<Metrics<&MetricsOptions::statements>>("storage.monitoring.query_stats"),
};

}  // namespace

std::span<const Setting> monitoring_settings() noexcept {
  return k_settings;
}

}  // namespace loci::config
