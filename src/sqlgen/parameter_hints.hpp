#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/parse_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// What a statement tells about one of its parameters, by where it stands.
struct ParameterHint {
  /// Of the column it is compared with or put into; else of the function's argument, the function,
  /// LIMIT or OFFSET, or the alias it gets in a select list. Empty: nothing tells.
  std::string name;
  /// The column, when the parameter has its very type: put into it, or compared by `=`, uncast.
  std::uint32_t table = 0;
  std::int16_t table_column = 0;
  /// Wherever it stands, it is put, uncast, into a column of a table that may be NULL.
  bool nullable = false;
};

/// The hints for $1, $2, ... up to `$count`.
[[nodiscard]] std::vector<ParameterHint> parameter_hints(const ParseTree& tree,
                                                         const Catalog& catalog, std::size_t count);

}  // namespace loci::sqlgen
