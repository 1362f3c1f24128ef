#pragma once
#include "schema/sql_lexer.hpp"
#include "sqlgen/catalog.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace loci::sqlgen {

/// What a statement's tokens alone prove. Every question is answered on the safe side: no parse
/// tree is made, so "true" means certain and "false" means unsure.
class StatementShape {
public:
  explicit StatementShape(std::span<const schema::SqlToken> tokens);

  /// A column that comes straight from a table keeps that table's NOT NULL: no outer join, set
  /// operation, grouping set or MERGE anywhere.
  [[nodiscard]] bool keeps_not_null() const;

  /// One SELECT that locks nothing, writes nothing, calls no function but well-known pure ones, and
  /// names no view (whose body could do any of this): may share a connection with other callers.
  [[nodiscard]] bool may_share_connection(const Catalog& catalog) const;

  /// For each of `columns` result columns: whether it is count(...), exists(...), coalesce(...,
  /// literal) or a literal. All false when the columns cannot be told apart.
  [[nodiscard]] std::vector<bool> never_null(std::size_t columns) const;

private:
  using Tokens = std::span<const schema::SqlToken>;
  [[nodiscard]] Tokens main_select() const;  ///< What follows the outermost SELECT; empty if none.
  [[nodiscard]] bool only_pure_calls() const;
  [[nodiscard]] bool names_view(const Catalog& catalog) const;
  [[nodiscard]] bool has_any(std::span<const std::string_view> words) const;

  std::vector<schema::SqlToken> tokens_;  ///< The significant ones.
};

}  // namespace loci::sqlgen
