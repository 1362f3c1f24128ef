#pragma once
#include <loci/vector/index_optimizer.hpp>
#include <loci/vector/vector_store.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace loci::vector {

/// Asks a sample of queries twice, exactly and through an index, one at a time, with pauses.
class RecallProbe {
public:
  RecallProbe(storage::PostgresStorage& storage, const OptimizerOptions& options,
              std::int32_t model_id, std::int32_t results);

  /// Finds the truth for at most `sample` queries: of those given, or of some that are made of
  /// stored vectors.
  [[nodiscard]] storage::Task<void> prepare(std::int32_t sample, std::vector<Vector> queries);

  /// What it is when nothing serves.
  [[nodiscard]] IndexMeasure exactly() const;

  [[nodiscard]] storage::Task<IndexMeasure> measure(std::int32_t index_id, std::int32_t effort);

  /// With the least of efforts_to_try() that reaches the target, or, when none does, with the last.
  [[nodiscard]] storage::Task<IndexMeasure> least_effort(VectorIndex index, double target);

private:
  struct Truth {
    Vector query;
    std::vector<double> similarities;
  };
  storage::Task<std::vector<Vector>> make_queries(std::vector<Vector> sample, std::size_t wanted);
  void tell(std::string step, std::size_t done, std::size_t total) const;
  storage::Task<SimilarResult> ask(SimilarQuery query, std::vector<double>& took);
  [[nodiscard]] SimilarQuery asking(const Vector& vector) const;

  VectorStore store_;
  storage::PostgresStorage& storage_;
  const OptimizerOptions& options_;
  std::int32_t model_id_;
  std::int32_t results_;
  std::string content_type_ = "message";
  std::vector<Truth> truths_;
  double exact_ms_ = 0;
};

}  // namespace loci::vector
