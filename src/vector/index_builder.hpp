#pragma once
#include <loci/vector/index_optimizer.hpp>

#include <cstdint>
#include <string>

#include "vector/index_session.hpp"

namespace loci::vector {

/// Throws Error{cancelled} when whoever asked for the work wants no more of it.
void check_cancelled(const OptimizerOptions& options);

/// Builds an index of `rows` vectors, with that many bytes of memory, beside those there are, and
/// gives its id: built, and serving nobody. What a failure or a cancellation leaves is dropped
/// before it is told.
[[nodiscard]] storage::Task<std::int32_t> build_index(storage::PostgresStorage& storage,
                                                      IndexSession& session,
                                                      const OptimizerOptions& options,
                                                      std::int32_t model_id, IndexConfig config,
                                                      std::uint64_t memory, std::int64_t rows);

/// Drops every index of the model that serves nobody. How many.
[[nodiscard]] storage::Task<std::int32_t> drop_idle(storage::PostgresStorage& storage,
                                                    IndexSession& session, std::int32_t model_id);

}  // namespace loci::vector
