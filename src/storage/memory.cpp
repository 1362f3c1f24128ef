#include <loci/storage/memory.hpp>

#include <algorithm>
#include <cmath>

namespace loci::storage {

double decayed_importance(const Memory& memory, Timestamp at, std::chrono::seconds half_life) {
  if (memory.pinned || half_life <= std::chrono::seconds(0)) return memory.importance;
  using Seconds = std::chrono::duration<double>;  // in microseconds a difference may overflow
  const Timestamp since = memory.last_accessed_at.value_or(memory.created_at);
  const Seconds age =
      std::max(Seconds(at.time_since_epoch()) - Seconds(since.time_since_epoch()), Seconds::zero());
  return memory.importance * std::exp2(-(age / half_life));
}

}  // namespace loci::storage
