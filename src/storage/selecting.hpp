#pragma once
#include <loci/storage/records.hpp>

#include "storage/unit.hpp"

/// What every PostgreSQL repository does alike: finding records by a filter. For the six kinds of
/// record.
namespace loci::storage {

template <class Record>
[[nodiscard]] Task<Page<Record>> select_page(Unit unit, Filter filter, ListOptions options,
                                             Deadline deadline);
template <class Record>
[[nodiscard]] Task<std::int64_t> count_matching(Unit unit, Filter filter, Deadline deadline);
template <class Record>
[[nodiscard]] Task<bool> any_matching(Unit unit, Filter filter, Deadline deadline);

/// MemoryRepository::most_important(): of those that are valid now, by decayed_importance().
[[nodiscard]] Task<std::vector<Memory>> select_most_important(Unit unit, Filter filter,
                                                              std::int32_t limit,
                                                              std::chrono::seconds half_life,
                                                              Deadline deadline);

}  // namespace loci::storage
