#pragma once
#include <compare>
#include <optional>
#include <span>
#include <string_view>

namespace loci::storage {

/// Of a server or an extension.
struct Version {
  int major = 0;
  int minor = 0;
  int patch = 0;

  auto operator<=>(const Version&) const = default;

  /// The numbers that the text begins with: `0.8.0`, `17.12 (Debian ...)`. nullopt: there are none.
  [[nodiscard]] static std::optional<Version> parse(std::string_view text) noexcept;
};

/// A known fault of some versions: of those from `since` on, and before `fixed`.
struct Hazard {
  std::string_view product;  ///< "postgresql", or an extension's name.
  Version since;
  Version fixed;
  std::string_view what;
  std::string_view remedy;
};

[[nodiscard]] std::span<const Hazard> known_hazards() noexcept;

[[nodiscard]] bool is_affected(const Hazard& hazard, Version version) noexcept;

/// Whether pgvector may build an HNSW index with several workers: versions below 0.8.2 write out of
/// bounds there (CVE-2026-3172). An index builder asks this.
[[nodiscard]] bool may_build_hnsw_in_parallel(Version pgvector) noexcept;

}  // namespace loci::storage
