#pragma once
#include <span>

#include "config/setting.hpp"

/// The settings of each section of the file.
namespace loci::config {

[[nodiscard]] std::span<const Setting> postgres_settings() noexcept;
[[nodiscard]] std::span<const Setting> pool_settings() noexcept;
[[nodiscard]] std::span<const Setting> cache_settings() noexcept;
[[nodiscard]] std::span<const Setting> migration_settings() noexcept;
[[nodiscard]] std::span<const Setting> vector_settings() noexcept;
[[nodiscard]] std::span<const Setting> monitoring_settings() noexcept;
[[nodiscard]] std::span<const Setting> embedder_settings() noexcept;

}  // namespace loci::config
