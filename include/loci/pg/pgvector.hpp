#pragma once
#include <loci/base/version.hpp>

namespace loci::pg {

/// The first pgvector whose parallel builds of HNSW indexes stay within bounds (CVE-2026-3172).
inline constexpr Version k_parallel_hnsw_mended{0, 8, 2};

/// The first pgvector whose vacuum leaves an HNSW index whole.
inline constexpr Version k_hnsw_vacuum_mended{0, 8, 3};

/// Whether this pgvector may build an HNSW index with several workers. Whoever builds one asks: the
/// migrator sets max_parallel_maintenance_workers = 0 where it may not.
[[nodiscard]] constexpr bool may_build_hnsw_in_parallel(Version pgvector) noexcept {
  return pgvector >= k_parallel_hnsw_mended;
}

}  // namespace loci::pg
