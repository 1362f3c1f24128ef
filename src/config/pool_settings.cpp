// storage.postgres.pool: how connections are kept and shared.
#include <array>

#include "config/sections.hpp"
#include "config/setting_kinds.hpp"

namespace loci::config {

namespace {

using namespace std::chrono_literals;
using pg::PoolOptions;
using pg::PoolStart;

template <auto Member>
using Pool = Option<&Settings::postgres, &storage::PostgresOptions::pool, Member>;

constexpr std::array<std::pair<std::string_view, PoolStart>, 2> k_lazy{
    {{"true", PoolStart::lazy}, {"false", PoolStart::eager}}};

// Both names are the specification's.
constexpr Setting health_check_period() {
  Setting made = duration<Pool<&PoolOptions::health_check_period>>(
      "storage.postgres.pool.health_check_period", nullptr, 0ms, 24h);
  made.same_as = "storage.postgres.health_check_period";
  return made;
}

constexpr std::array k_settings{
    duration<Pool<&PoolOptions::max_lifetime_jitter>>("storage.postgres.pool.max_lifetime_jitter",
                                                      nullptr, 0ms, 365 * 24h),
    health_check_period(),
    choice<Pool<&PoolOptions::start>, k_lazy>("storage.postgres.pool.lazy_connect"),
    duration<Pool<&PoolOptions::acquire_timeout>>("storage.postgres.pool.acquire_timeout", nullptr,
                                                  0ms, 24h),
    duration<Pool<&PoolOptions::connect_timeout>>("storage.postgres.pool.connect_timeout", nullptr,
                                                  0ms, 1h),
    duration<Pool<&PoolOptions::cancel_patience>>("storage.postgres.pool.cancel_patience", nullptr,
                                                  0ms, 1min),
    duration<Pool<&PoolOptions::reconnect_pause_cap>>("storage.postgres.pool.reconnect_pause_cap",
                                                      nullptr, 0ms, 1h),
    duration<Pool<&PoolOptions::dead_peer_timeout>>("storage.postgres.pool.dead_peer_timeout",
                                                    nullptr, 0ms, 1h),
    number<Pool<&PoolOptions::shared_connections>>("storage.postgres.pool.shared_connections",
                                                   nullptr, 0, 1000),
    number<Pool<&PoolOptions::statement_cache>>("storage.postgres.pool.statement_cache", nullptr, 0,
                                                100'000),
    number<Pool<&PoolOptions::max_waiters>>("storage.postgres.pool.max_waiters", nullptr, 0,
                                            10'000'000),
    number<Pool<&PoolOptions::max_connecting>>("storage.postgres.pool.max_connecting", nullptr, 1,
                                               1000),
    flag<Pool<&PoolOptions::pgbouncer>>("storage.postgres.pool.pgbouncer"),
};

}  // namespace

std::span<const Setting> pool_settings() noexcept {
  return k_settings;
}

}  // namespace loci::config
