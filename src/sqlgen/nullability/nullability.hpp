#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/server_tree.hpp"

#include <vector>

namespace loci::sqlgen {

/// Of $1, $2, ...: whether it may be NULL, and whether an element of it, an array, may be.
struct ParameterNulls {
  bool nullable = false;
  bool nullable_elements = false;
};

/// For each column that a statement gives, in order: whether it is certain never to be NULL. What
/// is not understood is not certain. A parameter that is not listed may be NULL.
[[nodiscard]] std::vector<bool> never_null_columns(const ServerTree& statement,
                                                   const Catalog& catalog,
                                                   const std::vector<ParameterNulls>& parameters);

}  // namespace loci::sqlgen
