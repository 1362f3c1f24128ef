#pragma once
#include <optional>
#include <string>

#include "sqlgen/parse_tree.hpp"

/// Rules that a statement's syntax alone can break. Each gives what is wrong, or nothing.
namespace loci::sqlgen {

/// A `*` among the columns of a SELECT or RETURNING, but for EXISTS, where it means nothing.
[[nodiscard]] std::optional<std::string> selects_star(const ParseTree& tree);

/// An UPDATE or DELETE of all rows, at whatever depth.
[[nodiscard]] std::optional<std::string> lacks_where(const ParseTree& tree);

}  // namespace loci::sqlgen
