#pragma once
#include <loci/base/version.hpp>
#include <loci/pg/pgvector.hpp>

#include <span>
#include <string_view>

namespace loci::storage {

using loci::Version;
using pg::may_build_hnsw_in_parallel;

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

}  // namespace loci::storage
