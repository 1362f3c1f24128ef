#pragma once
#include <loci/storage/filter.hpp>

#include "storage/filter_check.hpp"
#include "storage/record_fields.hpp"

namespace loci::storage {

/// Whether a record satisfies a filter that check_filter() gave: what PostgreSQL answers to the
/// statement that filter_sql.hpp makes of it.
template <class Record>
[[nodiscard]] bool matches(const Filter& checked, const Record& record);

}  // namespace loci::storage
