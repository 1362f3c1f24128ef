#pragma once
#include <span>
#include <string_view>

#include "config/setting.hpp"

namespace loci::config {

/// Every setting there is, by section.
[[nodiscard]] std::span<const Setting> setting_table();

/// The setting with this key, or null.
[[nodiscard]] const Setting* find_setting(std::string_view key);

/// Whether there are settings below this key.
[[nodiscard]] bool is_section(std::string_view key);

/// The key of a setting or section that is the most like this one, by edit distance; among those
/// of the same last part, where there are any.
[[nodiscard]] std::string_view nearest_key(std::string_view key);

}  // namespace loci::config
