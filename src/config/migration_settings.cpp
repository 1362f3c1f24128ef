// storage.migrations: how the schema is brought up to date.
#include <array>

#include "config/sections.hpp"
#include "config/setting_kinds.hpp"

namespace loci::config {

namespace {

using namespace std::chrono_literals;
using schema::MigratorOptions;
using storage::PostgresOptions;

template <auto Member>
using Migrator = Option<&Settings::postgres, &PostgresOptions::migrator, Member>;

constexpr std::array k_settings{
    flag<Option<&Settings::auto_migrate>>("storage.migrations.auto_migrate"),
    text<Option<&Settings::postgres, &PostgresOptions::migrations>>("storage.migrations.directory"),
    text<Migrator<&MigratorOptions::table>>("storage.migrations.table"),
    duration<Migrator<&MigratorOptions::lock_timeout>>("storage.migrations.lock_timeout", nullptr,
                                                       0ms, 1h),
};

}  // namespace

std::span<const Setting> migration_settings() noexcept {
  return k_settings;
}

}  // namespace loci::config
