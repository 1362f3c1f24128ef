#pragma once
#include <loci/storage/list_options.hpp>

#include <compare>
#include <vector>

#include "storage/record_fields.hpp"

namespace loci::storage {

/// A total order of records: by the first field, then by the next ..., all in one direction.
template <class Record>
struct ListOrder {
  std::vector<const RecordField<Record>*> fields;
  bool descending = false;
};

/// Where a record stands in an order: its values in the order's fields.
using Position = std::vector<FilterValue>;

/// The order that a list of `checked` is in: the field asked for, or the record's own, and the key
/// behind it where that field alone may leave two alike.
/// Errors: invalid_argument for options that are none: a field that is unknown (naming the
/// nearest), may be NULL, is metadata or a long text; a limit or an offset out of range; an offset
/// beside a cursor.
template <class Record>
[[nodiscard]] ListOrder<Record> list_order(const Filter& checked, const ListOptions& options);

template <class Record>
[[nodiscard]] Position position_of(const ListOrder<Record>& order, const Record& record);

/// Orders values of one kind as PostgreSQL does: text by its bytes.
[[nodiscard]] std::weak_ordering compare_values(const FilterValue& left, const FilterValue& right);

/// Whether `left` comes before `right`, both of one order.
[[nodiscard]] bool stands_before(const Position& left, const Position& right, bool descending);

template <class Record>
[[nodiscard]] bool order_before(const ListOrder<Record>& order, const Record& left,
                                const Record& right) {
  return stands_before(position_of(order, left), position_of(order, right), order.descending);
}

}  // namespace loci::storage
