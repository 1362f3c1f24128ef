#pragma once
#include <optional>
#include <vector>

#include "storage/filter_check.hpp"
#include "storage/unit.hpp"

/// Under row level security `metadata @> $1` loses its GIN index, for the operator is not
/// leakproof. So a list that asks for something in metadata first asks a function of loci_search,
/// which has the index, for the ids.
namespace loci::storage {

/// What jsonb @> finds in the metadata of every record that the filter finds, as far as its
/// outermost conditions tell; nullopt when they tell nothing that an index knows.
[[nodiscard]] std::optional<JsonText> contained_metadata(const Filter& checked);

/// The ids of all records whose metadata holds what the filter wants, deleted ones included;
/// nullopt when they are many (the plain condition then finds its rows fast), or there is no such
/// index.
template <class Record>
[[nodiscard]] Task<std::optional<std::vector<Uuid>>> probe_metadata(Unit unit, Filter checked,
                                                                    Deadline deadline);

}  // namespace loci::storage
