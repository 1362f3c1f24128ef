#pragma once
#include <loci/storage/task.hpp>

#include <chrono>

namespace loci::storage::mock {

/// Waits on the caller's executor, no longer than to the deadline. False: it has come.
/// Errors: cancelled.
[[nodiscard]] Task<bool> wait_for(std::chrono::microseconds span, Deadline deadline);

}  // namespace loci::storage::mock
