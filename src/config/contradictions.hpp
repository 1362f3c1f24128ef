#pragma once
#include <loci/config/settings.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace loci::config {

/// Settings that are good by themselves and not with one another.
struct Contradiction {
  std::string_view key;  ///< The one to blame.
  std::string text;
  std::string_view other = {};  ///< The one it does not go with, where there is one.
};

[[nodiscard]] std::vector<Contradiction> contradictions(const Settings& settings);

}  // namespace loci::config
