#pragma once
#include <compare>
#include <optional>
#include <string_view>

namespace loci {

/// Of a server or an extension.
struct Version {
  int major = 0;
  int minor = 0;
  int patch = 0;

  auto operator<=>(const Version&) const = default;

  /// The numbers that the text begins with: `0.8.0`, `17.12 (Debian ...)`. nullopt: there are none.
  [[nodiscard]] static std::optional<Version> parse(std::string_view text) noexcept;
};

}  // namespace loci
