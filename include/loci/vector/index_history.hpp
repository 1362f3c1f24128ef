#pragma once
#include <loci/storage/postgres_storage.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace loci::vector {

/// Something that was decided about a model's index.
struct IndexDecision {
  std::string action;  ///< exact, retuned, built or missed.
  std::string reason;  ///< One sentence.
  Timestamp decided_at;
};

/// The latest decisions, newest first; at most `limit`.
[[nodiscard]] storage::Task<std::vector<IndexDecision>> index_history(
    storage::PostgresStorage& storage, std::int32_t model_id, std::int32_t limit,
    Deadline deadline = storage::default_deadline());

}  // namespace loci::vector
