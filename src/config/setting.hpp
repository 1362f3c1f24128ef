#pragma once
#include <loci/config/settings.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace loci::config {

/// One thing that can be set from outside, by whatever way. Made by the kinds of setting_kinds.hpp.
struct Setting {
  std::string_view key;            ///< `storage.postgres.max_connections`.
  const char* variable = nullptr;  ///< In the environment, beside derived_variable(); null: none.
  std::int64_t least = 0;          ///< Of what has a range, in its smallest unit.
  std::int64_t most = 0;

  using Values = std::span<const std::string>;
  /// False: `values` (one, unless it is a list) are not what it takes, and nothing was changed.
  bool (*set)(const Setting& setting, Settings& settings, Values values);
  std::string (*takes)(const Setting& setting);  ///< "a whole number from 1 to 10000".
  /// As a file would say it; nullopt: it is left to Loci.
  std::optional<std::string> (*get)(const Settings& settings);

  bool list = false;
  bool acts = true;  ///< False: nothing uses it yet.
  /// What may be shown of a value that holds a secret; null: all of it.
  std::string (*shown)(const std::string& value) = nullptr;
  /// The key that means the same option; empty: there is none.
  std::string_view same_as = {};
};

/// The variable that every key has: `LOCI_STORAGE_POSTGRES_MAX_CONNECTIONS`.
[[nodiscard]] std::string derived_variable(std::string_view key);

}  // namespace loci::config
