#include <loci/storage/memory.hpp>

#include <algorithm>
#include <cmath>

namespace loci::storage {

double decayed_importance(const Memory& memory, Timestamp at, std::chrono::seconds half_life) {
  if (memory.pinned || half_life <= std::chrono::seconds(0)) return memory.importance;
  const std::chrono::duration<double> age =
      std::max(at - memory.last_accessed_at.value_or(memory.created_at), Timestamp::duration(0));
  return memory.importance * std::exp2(-(age / half_life));
}

}  // namespace loci::storage
