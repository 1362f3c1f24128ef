#pragma once
#include <loci/storage/filter.hpp>

#include <cstddef>
#include <string_view>

#include "storage/record_fields.hpp"

namespace loci::storage {

/// The filter as everything behind it takes it, whoever built it: each condition is on a declared
/// field, with an operator that the field has, and values of the field's own type. Text becomes the
/// UUID or time it says, a whole number a real one; what is compared with metadata becomes JSON
/// (JsonText), and a lone value that metadata is to contain an array of it.
/// Errors: invalid_argument, naming the field and what it takes, for anything else and for more
/// than limits.hpp allows.
[[nodiscard]] Filter check_filter(const Filter& filter, FieldLookup find);

template <class Record>
[[nodiscard]] Filter check_filter(const Filter& filter) {
  return check_filter(filter, &declared_field<Record>);
}

/// Whether every record that a checked filter finds has one and the same value in that field.
[[nodiscard]] bool fixes(const Filter& filter, std::string_view field);

}  // namespace loci::storage
