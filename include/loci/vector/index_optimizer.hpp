#pragma once
#include <loci/storage/postgres_storage.hpp>
#include <loci/vector/distribution.hpp>
#include <loci/vector/index_plan.hpp>
#include <loci/vector/recall.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loci::vector {

/// A measurement: what searches of one index find, and what they take.
struct IndexMeasure {
  std::int32_t index_id = 0;  ///< 0: nothing serves, so every search is exact.
  std::int32_t effort = 0;
  RecallEstimate estimate;
  double search_ms = 0;  ///< Median time of a search through the index, as the client sees it,
  double exact_ms = 0;   ///< and of one that compares every vector.
};

/// Where a long work stands.
struct IndexProgress {
  std::string step;        ///< As "building hnsw halfvec, m 16, ef_construction 64".
  std::uint64_t done = 0;  ///< Of `total`, in units of the step; 0 of 0: not known.
  std::uint64_t total = 0;
};

struct OptimizerOptions {
  std::int32_t trial_rows = 10'000;  ///< Of the sample that indexes are tried on.
  std::int32_t trial_queries = 100;
  std::int32_t measure_queries = 200;  ///< That the built index is measured with.
  /// Bytes for building an index; 0: what it is predicted to take, 64 MB at least and 1 GB at most.
  std::uint64_t build_memory = 0;
  std::function<void(const IndexProgress&)> on_progress = {};
  std::function<bool()> cancelled = {};  ///< Asked often; true ends the work: Error{cancelled}.
};

enum class IndexOutcome : std::uint8_t {
  exact_is_enough,  ///< Too few vectors for an index.
  retuned,          ///< The serving index reaches the target with another effort.
  built,            ///< A new index serves, and the former one is gone.
  missed,           ///< Nothing that was built reaches the target; what served before still does.
};

[[nodiscard]] std::string_view to_string(IndexOutcome outcome);

struct OptimizeReport {
  IndexOutcome outcome = IndexOutcome::exact_is_enough;
  std::string reason;         ///< One sentence.
  std::vector<Trial> trials;  ///< On the sample.
  std::optional<IndexMeasure> measure;
  std::optional<VectorIndex> index;  ///< That serves now.
};

/// Builds, measures and changes the index of a model's vectors, while searches go on.
///
/// A new index is built beside the old one (CREATE INDEX CONCURRENTLY), measured, and serves when
/// it reaches the target; only then is the old one dropped. Whatever cuts the work off, the old one
/// serves, and the next optimize() removes what was left. Searches name the index they go through
/// by its condition, so that the switch is the change of one row and waits for nobody.
///
/// Measures with the vectors of the storage's own tenant; an index serves all tenants. Needs the
/// rights of the tables' owner. One at a time for a model, in whichever process. Any thread; the
/// storage must outlive it. Errors, beside those of the session: cancelled; invalid_argument of a
/// goal out of range; configuration, when another process is at it.
class IndexOptimizer {
public:
  explicit IndexOptimizer(storage::PostgresStorage& storage, OptimizerOptions options = {});

  /// The model's indexes, the serving one first.
  storage::Task<std::vector<VectorIndex>> indexes(std::int32_t model_id);

  /// What the vectors are like, by a sample of at most 1,000.
  storage::Task<Distribution> analyze_distribution(std::int32_t model_id);

  /// How much of the truth the serving index finds, with that effort or its own. Queries are taken
  /// from `queries`, best those that were really asked; when there are none, they are made of
  /// stored vectors, each turned away from where it is as far as its nearest neighbour is, which is
  /// rather harder to find than what people look for. One search at a time, with pauses as long as
  /// they take: half a core of the server at most.
  storage::Task<IndexMeasure> measure_recall(std::int32_t model_id, std::int32_t results,
                                             std::int32_t sample,
                                             std::optional<std::int32_t> effort = std::nullopt,
                                             std::vector<Vector> queries = {});

  /// Sets the effort of the serving index to the least that reaches the target. Nothing when no
  /// effort does, or nothing serves.
  storage::Task<std::optional<IndexMeasure>> retune(std::int32_t model_id, IndexGoal goal,
                                                    std::vector<Vector> queries = {});

  /// Tries, builds, measures, and puts into service what reaches the goal for the least.
  storage::Task<OptimizeReport> optimize_index(std::int32_t model_id, IndexGoal goal,
                                               std::vector<Vector> queries = {});

  /// Drops what serves nobody: of a build that was cut off. How many.
  storage::Task<std::int32_t> clean_up(std::int32_t model_id);

private:
  storage::Task<OptimizeReport> optimize(std::int32_t model_id, IndexGoal goal,
                                         std::vector<Vector> queries);
  storage::PostgresStorage& storage_;
  OptimizerOptions options_;
};

}  // namespace loci::vector
