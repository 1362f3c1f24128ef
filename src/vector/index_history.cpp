#include <loci/vector/index_history.hpp>

#include "queries/vectors.hpp"

namespace loci::vector {

storage::Task<std::vector<IndexDecision>> index_history(storage::PostgresStorage& storage,
                                                        std::int32_t model_id, std::int32_t limit,
                                                        Deadline deadline) {
  std::vector<IndexDecision> all;
  for (auto& row : co_await storage.pool().run(
           queries::ListVectorDecisions{.model_id = model_id, .max_rows = limit}, deadline)) {
    all.push_back({.action = std::move(row.action),
                   .reason = std::move(row.reason),
                   .decided_at = row.decided_at});
  }
  co_return all;
}

}  // namespace loci::vector
