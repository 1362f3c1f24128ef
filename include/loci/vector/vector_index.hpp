#pragma once
#include <loci/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::vector {

enum class IndexKind : std::uint8_t { hnsw, ivfflat };

/// How an index holds vectors; the table has them in full.
enum class IndexStorage : std::uint8_t {
  vector,   ///< As they are: 4 bytes a number, up to 2,000 dimensions.
  halfvec,  ///< 2 bytes a number, up to 4,000 dimensions.
  bit,      ///< The sign of each number, up to 64,000; what it finds is ranked by the vectors.
};

/// Settings of an index, and of searches through it.
struct IndexConfig {
  IndexKind kind = IndexKind::hnsw;
  IndexStorage storage = IndexStorage::halfvec;
  std::int32_t m = 16;                ///< Of HNSW: links of a vector, 2 to 100.
  std::int32_t ef_construction = 64;  ///< Of HNSW: candidates looked at in building; >= 2 m.
  std::int32_t lists = 0;             ///< Of IVFFlat, 1 to 32,768.
  std::int32_t effort = 40;           ///< hnsw.ef_search, or ivfflat.probes.
  std::int32_t candidates = 1;        ///< Brought for each result, to be ranked by their vectors.
  bool operator==(const IndexConfig&) const = default;
};

/// An index that serves a model, or may.
struct VectorIndex {
  std::int32_t id = 0;
  std::string name;
  IndexConfig config;
  std::string status;  ///< building, ready, serving or retired.
  std::optional<std::int64_t> rows_at_build;
  std::optional<std::int64_t> bytes;
  std::optional<double> build_seconds;
  std::optional<double> recall;  ///< As last measured, with its effort.
  Timestamp created_at;
  std::optional<Timestamp> measured_at;
};

[[nodiscard]] std::string_view to_string(IndexKind kind);
[[nodiscard]] std::string_view to_string(IndexStorage storage);
[[nodiscard]] std::optional<IndexKind> index_kind(std::string_view name);
[[nodiscard]] std::optional<IndexStorage> index_storage(std::string_view name);

/// As `hnsw halfvec, m 16, ef_construction 64`: what building it is decided by.
[[nodiscard]] std::string describe(const IndexConfig& config);

}  // namespace loci::vector
