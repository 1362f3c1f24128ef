// storage.cache: read, checked and shown; the cache is not there yet.
#include <array>

#include "config/sections.hpp"
#include "config/setting_kinds.hpp"
#include "config/url_secrets.hpp"

namespace loci::config {

namespace {

using namespace cache;
using namespace std::chrono_literals;

template <auto Member>
using L1 = Option<&Settings::cache, &CacheOptions::l1, Member>;
template <auto Member>
using L2 = Option<&Settings::cache, &CacheOptions::l2, Member>;
template <auto Member>
using Invalidation = Option<&Settings::cache, &CacheOptions::invalidation, Member>;

template <class Value, std::size_t Count>
using Words = std::array<std::pair<std::string_view, Value>, Count>;
constexpr Words<L1Type, 2> k_l1_types{{{"none", L1Type::none}, {"memory", L1Type::memory}}};
constexpr Words<L2Type, 2> k_l2_types{{{"none", L2Type::none}, {"redis", L2Type::redis}}};
constexpr Words<InvalidationStrategy, 3> k_strategies{{{"ttl", InvalidationStrategy::ttl},
                                                       {"write", InvalidationStrategy::write},
                                                       {"notify", InvalidationStrategy::notify}}};
constexpr std::int64_t k_kilobyte = 1024;
constexpr std::int64_t k_terabyte = k_kilobyte * k_kilobyte * k_kilobyte * k_kilobyte;

constexpr Setting endpoint() {
  Setting made = text<L2<&L2Options::endpoint>>("storage.cache.l2.endpoint");
  made.shown = url_without_user;
  return made;
}

constexpr std::array k_settings{
    not_yet(choice<L1<&L1Options::type>, k_l1_types>("storage.cache.l1.type")),
    not_yet(
        byte_size<L1<&L1Options::size>>("storage.cache.l1.size", nullptr, k_kilobyte, k_terabyte)),
    not_yet(duration<L1<&L1Options::ttl>>("storage.cache.l1.ttl", nullptr, 0ms, 365 * 24h)),
    not_yet(choice<L2<&L2Options::type>, k_l2_types>("storage.cache.l2.type")),
    not_yet(endpoint()),
    not_yet(duration<L2<&L2Options::ttl>>("storage.cache.l2.ttl", nullptr, 0ms, 365 * 24h)),
    not_yet(number<L2<&L2Options::max_connections>>("storage.cache.l2.max_connections", nullptr, 1,
                                                    10'000)),
    not_yet(choice<Invalidation<&InvalidationOptions::strategy>, k_strategies>(
        "storage.cache.invalidation.strategy")),
    not_yet(
        texts<Invalidation<&InvalidationOptions::patterns>>("storage.cache.invalidation.patterns")),
};

}  // namespace

std::span<const Setting> cache_settings() noexcept {
  return k_settings;
}

}  // namespace loci::config
