#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/emit_options.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace loci::sqlgen {

/// What the enums and composite types of a database are called in C++. Of the whole database, so
/// that a query more or less changes no name.
class TypeNames {
public:
  TypeNames(const Catalog& catalog, const EmitOptions& options);

  /// `Mood`; null when the type is neither.
  [[nodiscard]] const std::string* find(std::uint32_t type) const noexcept;
  [[nodiscard]] bool taken(std::string_view name) const noexcept;

private:
  std::map<std::uint32_t, std::string> names_;
};

/// The labels as enumerators: `in progress` as `in_progress`, `1st` as `value_1st`.
[[nodiscard]] std::vector<std::string> enumerators(const std::vector<std::string>& labels,
                                                   const EmitOptions& options);

}  // namespace loci::sqlgen
