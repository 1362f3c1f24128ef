#include "sqlgen/parse_tree.hpp"

#include "schema/sql_lexer.hpp"

#include <loci/base/error.hpp>

#include <pg_query.h>
#include <algorithm>
#include <memory>
#include <utility>

namespace loci::sqlgen {
namespace {

using schema::SqlToken;

/// Every level of nesting takes a word, an operator or an opening bracket; long lists of literals
/// take none.
bool may_nest(const SqlToken& token) {
  switch (token.kind) {
    case SqlToken::Kind::word:
    case SqlToken::Kind::op:
      return true;
    case SqlToken::Kind::symbol:
      return token.text != "," && token.text != ")" && token.text != "]";
    default:
      return false;
  }
}

struct FreeResult {
  void operator()(PgQueryParseResult* result) const {
    pg_query_free_parse_result(*result);
    delete result;
  }
};

/// The kind of a node that stands in the field `name` without being wrapped.
std::string_view unwrapped_kind(std::string_view name) {
  if (name == "relation" || name == "rel") return "RangeVar";
  if (name == "larg" || name == "rarg") return "SelectStmt";
  return name == "withClause" ? "WithClause" : "";
}

bool is_wrapped(Json value) {
  if (!value.is_object() || value.size() != 1) return false;
  const std::string key = (*value.begin()).key();
  return !key.empty() && key.front() >= 'A' && key.front() <= 'Z';
}

void gather(Json value, std::string_view kind, std::vector<Json>& found) {
  for (const Json part : value) {
    const std::string name = part.key();
    const bool is_node = part.is_object() && !is_wrapped(part);
    if (name == kind || (is_node && unwrapped_kind(name) == kind)) found.push_back(part);
    gather(part, kind, found);
  }
}

}  // namespace

ParseNode node_of(Json wrapped) {
  if (!is_wrapped(wrapped)) return {};
  const Json fields = *wrapped.begin();
  return {fields.key(), fields};
}

std::size_t location_of(Json fields) {
  return static_cast<std::size_t>(
      std::max<std::int64_t>(fields["location"].integer().value_or(0), 0));
}

std::expected<ParseTree, ParseFault> ParseTree::parse(const std::string& sql) {
  if (sql.contains('\0')) return std::unexpected(ParseFault{"a NUL byte in a statement"});
  const schema::LexedSql lexed = schema::lex_sql(sql);
  if (std::cmp_greater(std::ranges::count_if(lexed.tokens, may_nest), max_tokens)) {
    return std::unexpected(ParseFault{"the statement has more than " + std::to_string(max_tokens) +
                                      " words and operators"});
  }
  const std::unique_ptr<PgQueryParseResult, FreeResult> result(
      new PgQueryParseResult(pg_query_parse(sql.c_str())));
  if (result->error != nullptr) {
    return std::unexpected(ParseFault{result->error->message, result->error->cursorpos});
  }
  try {
    ParseTree tree(JsonDocument::parse(result->parse_tree));
    const std::size_t statements = tree.document_.root()["stmts"].size();
    if (statements == 1) return tree;
    return std::unexpected(
        ParseFault{"expected one statement, found " + std::to_string(statements)});
  } catch (const Error& error) {
    return std::unexpected(ParseFault{std::string("the statement's tree: ") + error.what()});
  }
}

ParseNode ParseTree::statement() const {
  return node_of((*document_.root()["stmts"].begin())["stmt"]);
}

std::vector<Json> ParseTree::find_all(std::string_view kind) const {
  std::vector<Json> found;
  gather((*document_.root()["stmts"].begin())["stmt"], kind, found);
  std::ranges::stable_sort(found, {}, location_of);
  return found;
}

}  // namespace loci::sqlgen
