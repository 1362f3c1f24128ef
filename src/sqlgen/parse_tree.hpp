#pragma once
#include <loci/base/json.hpp>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace loci::sqlgen {

/// Why a text is no parse tree.
struct ParseFault {
  std::string message;
  int position = 0;  ///< In characters from 1, as the server counts; 0 when it is not known.
};

/// A node of a parse tree: its kind (`SelectStmt`) and its fields. A view into the tree.
struct ParseNode {
  std::string kind;  ///< Empty when what was asked for is no node.
  Json fields;
};

/// What stands in a list of nodes, or as a field of one: `{"ColumnRef": {...}}`.
[[nodiscard]] ParseNode node_of(Json wrapped);

/// Where the node begins in the statement's text, in bytes from 0.
[[nodiscard]] std::size_t location_of(Json fields);

/// The syntax tree of one statement, as PostgreSQL's own parser makes it; names are not resolved.
///
/// Nodes and their fields are those of PostgreSQL's parsenodes.h, in JSON; a field that is zero,
/// false or empty is missing. Views into it are valid while it lives, and survive a move of it.
class ParseTree {
public:
  /// A statement with more words and operators than this is a fault: the parser's recursion is
  /// bounded by nothing else.
  static constexpr std::size_t max_tokens = 10'000;

  /// Parses one statement. Faults: the syntax, no or several statements, a NUL byte, more than
  /// max_tokens, expressions nested deeper than a JsonDocument may be. Safe for any bytes.
  [[nodiscard]] static std::expected<ParseTree, ParseFault> parse(const std::string& sql);

  [[nodiscard]] ParseNode statement() const;

  /// The fields of all nodes of that kind, in the order of the tree. Knows the nodes whose kind
  /// goes without saying in the tree: the RangeVar that a statement writes to, the arms of a set
  /// operation (SelectStmt), a WithClause.
  [[nodiscard]] std::vector<Json> find_all(std::string_view kind) const;

private:
  explicit ParseTree(JsonDocument document) : document_(std::move(document)) {}
  JsonDocument document_;
};

}  // namespace loci::sqlgen
