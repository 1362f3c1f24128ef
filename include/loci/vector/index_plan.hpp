#pragma once
#include <loci/vector/vector_index.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace loci::vector {

/// What an index is to reach, and may take.
struct IndexGoal {
  double target_recall = 0.95;             ///< Of the `results` nearest, above 0 and below 1.
  std::int32_t results = 10;               ///< 1 to 1000.
  std::uint64_t max_memory = 0;            ///< Bytes of the index; 0: no bound.
  std::chrono::seconds max_build_time{0};  ///< 0: no bound.
  std::optional<IndexKind> kind;           ///< Only of this kind.
  std::int32_t lists = 0;                  ///< Of an IVFFlat index; 0: calculate_optimal_lists().
};

/// Below this many vectors a search compares them all: an index would cost more than it saves.
inline constexpr std::int64_t k_least_rows_of_an_index = 4000;

/// Lists of an IVFFlat index: the square root of the rows, 64 at least and 1,000 at most.
[[nodiscard]] std::int32_t calculate_optimal_lists(std::int64_t rows);

/// What an index of that many rows takes on disk and in memory, in bytes: HNSW keeps the vector and
/// about 2 m links of 6 bytes for each row, IVFFlat the vector alone; neither splits a row between
/// pages of 8 kB.
[[nodiscard]] std::uint64_t predicted_bytes(const IndexConfig& config, std::int64_t rows,
                                            std::int32_t dimensions);

/// What is worth a try: coarser storage first, then more links and more care in building. Nothing
/// that takes more memory than the goal allows, unless nothing takes less.
[[nodiscard]] std::vector<IndexConfig> index_candidates(const IndexGoal& goal, std::int64_t rows,
                                                        std::int32_t dimensions);

/// The efforts that a config is tried with, lowest first.
[[nodiscard]] std::vector<std::int32_t> efforts_to_try(const IndexConfig& config);

/// One point of a trial.
struct Trial {
  IndexConfig config;  ///< With its effort.
  double recall = 0;
  double search_us = 0;  ///< Time of a search.
  double build_us = 0;   ///< Of building, a row.
};

/// The trial to build: of those whose building ends in time, the quickest search that misses a
/// fifth of what the target allows, for a sample is easier than the whole; when none does, the best
/// recall. A search within 3% of the quickest that is built for less goes before it. Missing
/// without trials.
///
/// Building a row of a graph takes longer the more there are, by the logarithm of their number:
/// `trial_rows` were tried, `rows` there are.
[[nodiscard]] std::optional<Trial> best_trial(std::span<const Trial> trials, const IndexGoal& goal,
                                              std::int64_t trial_rows, std::int64_t rows);

/// How long building takes by a trial.
[[nodiscard]] std::chrono::duration<double> predicted_build_time(const Trial& trial,
                                                                 std::int64_t trial_rows,
                                                                 std::int64_t rows);

}  // namespace loci::vector
