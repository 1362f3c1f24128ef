#pragma once
#include <loci/storage/filter.hpp>

#include <string>
#include <string_view>

#include "storage/record_fields.hpp"

/// Which values a field is compared with, and what they become.
namespace loci::storage {

/// A field's name as errors say it: `metadata.repo.lang`.
[[nodiscard]] std::string field_name(std::string_view field, const std::vector<std::string>& path);

/// The value in the type of a column of that kind. Errors: invalid_argument naming `field`.
[[nodiscard]] FilterValue column_value(FilterValue value, FieldKind kind, std::string_view field);

/// The value as JSON. Errors: invalid_argument naming `field`.
[[nodiscard]] JsonText metadata_value(const FilterValue& value, std::string_view field);

}  // namespace loci::storage
