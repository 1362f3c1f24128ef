#pragma once
#include <loci/config/settings.hpp>

#include <span>
#include <string>
#include <string_view>

namespace loci::config {

/// One thing that can be set from outside, by whatever way.
struct Setting {
  std::string_view key;    ///< In the file: `section.name`; empty: the environment alone.
  const char* variable;    ///< In the environment; null: the file alone.
  std::string_view takes;  ///< For errors: "a whole number of 1 or more".
  bool (*set)(Settings& settings,
              const std::string& text);  ///< False: `text` is not what it takes.
};

[[nodiscard]] std::span<const Setting> setting_table() noexcept;

/// The setting with this key, or null.
[[nodiscard]] const Setting* find_setting(std::string_view key) noexcept;

/// The key that is the most like this one, by edit distance.
[[nodiscard]] std::string_view nearest_key(std::string_view key);

}  // namespace loci::config
