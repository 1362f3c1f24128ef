#include <loci/storage/hazards.hpp>

#include <array>

namespace loci::storage {

namespace {

using pg::k_hnsw_vacuum_mended;
using pg::k_parallel_hnsw_mended;

constexpr std::array k_hazards{
    Hazard{
        "vector",
        {0, 6, 0},
        k_parallel_hnsw_mended,
        "a parallel build of an HNSW index writes out of bounds: it may crash the server or show "
        "other tables' data (CVE-2026-3172)",
        "install pgvector 0.8.2 or later and run: alter extension vector update; until then, set "
        "max_parallel_maintenance_workers = 0 where an HNSW index is built, as `loci migrate` "
        "does"},
    Hazard{
        "vector",
        {0, 5, 0},
        k_hnsw_vacuum_mended,
        "vacuum may corrupt an HNSW index, whose searches then miss rows",
        "install pgvector 0.8.3 or later, run: alter extension vector update; then reindex every "
        "HNSW index"},
    Hazard{"vector",
           {0, 8, 3},
           {0, 8, 4},
           "vacuum of an HNSW index may fail, and so may inserts meanwhile",
           "install pgvector 0.8.4 or later and run: alter extension vector update"},
    Hazard{
        "vector",
        {0, 1, 0},
        {0, 8, 7},
        "building an IVFFlat index may write out of bounds",
        "install pgvector 0.8.7 or later and run: alter extension vector update; HNSW indexes are "
        "not affected"},
    Hazard{"postgresql",
           {17, 0, 0},
           {17, 1, 0},
           "row security below subqueries may apply another role's policies (CVE-2024-10976)",
           "install the latest release of PostgreSQL 17"},
    Hazard{"postgresql",
           {17, 0, 0},
           {17, 6, 0},
           "the planner's statistics may show samples of rows that row security hides "
           "(CVE-2025-8713)",
           "install the latest release of PostgreSQL 17"},
};

}  // namespace

std::span<const Hazard> known_hazards() noexcept {
  return k_hazards;
}

bool is_affected(const Hazard& hazard, Version version) noexcept {
  return version >= hazard.since && version < hazard.fixed;
}

}  // namespace loci::storage
