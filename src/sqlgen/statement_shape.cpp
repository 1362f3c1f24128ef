#include "sqlgen/statement_shape.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace loci::sqlgen {

using schema::SqlToken;
using Tokens = std::span<const SqlToken>;

namespace {

constexpr auto set_operations = std::to_array<std::string_view>({"except", "intersect", "union"});
/// Besides outer joins: what makes NULL out of a NOT NULL column.
constexpr auto null_makers = std::to_array<std::string_view>(
    {"cube", "except", "grouping", "intersect", "merge", "rollup", "union"});
constexpr auto writers =
    std::to_array<std::string_view>({"delete", "insert", "into", "merge", "update"});
constexpr auto select_list_ends = std::to_array<std::string_view>(
    {"except", "fetch", "for", "from", "group", "having", "intersect", "into", "limit", "offset",
     "order", "union", "where", "window"});
constexpr auto verbs = std::to_array<std::string_view>(
    {"delete", "insert", "merge", "select", "table", "update", "values"});

/// Words that stand before a parenthesis without calling anything.
constexpr auto not_calls = std::to_array<std::string_view>(
    {"all",    "and",     "any",    "array",    "as",           "between",   "by",
     "case",   "cast",    "cube",   "distinct", "else",         "except",    "exists",
     "filter", "from",    "having", "ilike",    "in",           "intersect", "is",
     "join",   "lateral", "like",   "limit",    "materialized", "not",       "offset",
     "on",     "or",      "over",   "rollup",   "row",          "select",    "sets",
     "some",   "then",    "union",  "using",    "values",       "when",      "where"});

/// Functions that read nothing but their arguments, the snapshot and the clock.
constexpr auto pure_functions = std::to_array<std::string_view>({"abs",
                                                                 "age",
                                                                 "array_agg",
                                                                 "array_append",
                                                                 "array_cat",
                                                                 "array_length",
                                                                 "array_position",
                                                                 "array_remove",
                                                                 "array_to_string",
                                                                 "avg",
                                                                 "bool_and",
                                                                 "bool_or",
                                                                 "btrim",
                                                                 "cardinality",
                                                                 "ceil",
                                                                 "ceiling",
                                                                 "char_length",
                                                                 "coalesce",
                                                                 "concat",
                                                                 "concat_ws",
                                                                 "convert_from",
                                                                 "convert_to",
                                                                 "cosine_distance",
                                                                 "count",
                                                                 "date_part",
                                                                 "date_trunc",
                                                                 "decode",
                                                                 "dense_rank",
                                                                 "encode",
                                                                 "every",
                                                                 "exp",
                                                                 "extract",
                                                                 "first_value",
                                                                 "floor",
                                                                 "generate_series",
                                                                 "greatest",
                                                                 "inner_product",
                                                                 "json_agg",
                                                                 "json_build_array",
                                                                 "json_build_object",
                                                                 "json_object_agg",
                                                                 "jsonb_agg",
                                                                 "jsonb_array_elements",
                                                                 "jsonb_array_elements_text",
                                                                 "jsonb_array_length",
                                                                 "jsonb_build_array",
                                                                 "jsonb_build_object",
                                                                 "jsonb_object_agg",
                                                                 "jsonb_object_keys",
                                                                 "jsonb_typeof",
                                                                 "l2_distance",
                                                                 "lag",
                                                                 "last_value",
                                                                 "lead",
                                                                 "least",
                                                                 "left",
                                                                 "length",
                                                                 "ln",
                                                                 "lower",
                                                                 "lpad",
                                                                 "ltrim",
                                                                 "make_interval",
                                                                 "max",
                                                                 "md5",
                                                                 "min",
                                                                 "mod",
                                                                 "now",
                                                                 "ntile",
                                                                 "nullif",
                                                                 "numnode",
                                                                 "octet_length",
                                                                 "percent_rank",
                                                                 "phraseto_tsquery",
                                                                 "plainto_tsquery",
                                                                 "position",
                                                                 "power",
                                                                 "rank",
                                                                 "repeat",
                                                                 "replace",
                                                                 "reverse",
                                                                 "right",
                                                                 "round",
                                                                 "row_number",
                                                                 "row_to_json",
                                                                 "rpad",
                                                                 "rtrim",
                                                                 "setweight",
                                                                 "sha256",
                                                                 "sign",
                                                                 "split_part",
                                                                 "sqrt",
                                                                 "starts_with",
                                                                 "string_agg",
                                                                 "string_to_array",
                                                                 "strpos",
                                                                 "substr",
                                                                 "substring",
                                                                 "sum",
                                                                 "to_char",
                                                                 "to_json",
                                                                 "to_jsonb",
                                                                 "to_timestamp",
                                                                 "to_tsquery",
                                                                 "to_tsvector",
                                                                 "trim",
                                                                 "trunc",
                                                                 "ts_headline",
                                                                 "ts_rank",
                                                                 "ts_rank_cd",
                                                                 "unnest",
                                                                 "upper",
                                                                 "vector_dims",
                                                                 "websearch_to_tsquery"});

bool is_any(const SqlToken& token, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is_word(word); });
}

int depth_change(const SqlToken& token) {
  if (token.is_symbol("(") || token.is_symbol("[")) return 1;
  return token.is_symbol(")") || token.is_symbol("]") ? -1 : 0;
}

/// Cuts at commas outside parentheses.
std::vector<Tokens> split_at_commas(Tokens tokens) {
  std::vector<Tokens> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    depth += depth_change(tokens[i]);
    if (depth == 0 && tokens[i].is_symbol(",")) {
      parts.push_back(tokens.subspan(begin, i - begin));
      begin = i + 1;
    }
  }
  parts.push_back(tokens.subspan(begin));
  return parts;
}

/// Takes `( ... )` off the front; what stood inside.
std::optional<Tokens> take_parentheses(Tokens& tokens) {
  if (tokens.empty() || !tokens.front().is_symbol("(")) return std::nullopt;
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    depth += depth_change(tokens[i]);
    if (depth > 0) continue;
    const Tokens inside = tokens.subspan(1, i - 1);
    tokens = tokens.subspan(i + 1);
    return inside;
  }
  return std::nullopt;
}

bool take_word(Tokens& tokens, std::string_view word) {
  if (tokens.empty() || !tokens.front().is_word(word)) return false;
  tokens = tokens.subspan(1);
  return true;
}

bool is_literal(const SqlToken& token) {
  return token.kind == SqlToken::Kind::number || token.kind == SqlToken::Kind::string ||
         token.is_word("true") || token.is_word("false");
}

/// Nothing, `name` or `as name`.
bool is_alias(Tokens tokens) {
  const auto is_name = [](const SqlToken& token) {
    return token.kind == SqlToken::Kind::word || token.kind == SqlToken::Kind::quoted_word;
  };
  if (tokens.size() == 2 && tokens[0].is_word("as")) return is_name(tokens[1]);
  return tokens.empty() || (tokens.size() == 1 && is_name(tokens[0]));
}

bool is_never_null(Tokens item) {
  if (!item.empty() && is_literal(item.front())) return is_alias(item.subspan(1));
  if (take_word(item, "count")) {
    if (!take_parentheses(item)) return false;
    if (take_word(item, "filter") && !take_parentheses(item)) return false;
    return is_alias(item);
  }
  if (take_word(item, "coalesce")) {
    const auto arguments = take_parentheses(item);
    if (!arguments) return false;
    const Tokens last = split_at_commas(*arguments).back();
    return last.size() == 1 && is_literal(last[0]) && is_alias(item);
  }
  take_word(item, "not");
  return take_word(item, "exists") && take_parentheses(item) && is_alias(item);
}

}  // namespace

StatementShape::StatementShape(Tokens tokens) {
  std::ranges::copy_if(tokens, std::back_inserter(tokens_), &SqlToken::significant);
}

bool StatementShape::has_any(std::span<const std::string_view> words) const {
  return std::ranges::any_of(tokens_, [&](const SqlToken& token) { return is_any(token, words); });
}

bool StatementShape::keeps_not_null() const {
  if (has_any(null_makers)) return false;
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    const SqlToken& side = tokens_[i];
    const SqlToken& next = tokens_[i + 1];
    if ((side.is_word("left") || side.is_word("right") || side.is_word("full")) &&
        (next.is_word("join") || next.is_word("outer"))) {
      return false;
    }
  }
  return true;
}

Tokens StatementShape::main_select() const {
  int depth = 0;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    depth += depth_change(tokens_[i]);
    if (depth == 0 && is_any(tokens_[i], verbs)) {
      return tokens_[i].is_word("select") ? Tokens(tokens_).subspan(i + 1) : Tokens();
    }
  }
  return {};
}

bool StatementShape::may_share_connection(const Catalog& catalog) const {
  if (tokens_.empty() || (!tokens_[0].is_word("select") && !tokens_[0].is_word("with"))) {
    return false;
  }
  if (main_select().empty() || has_any(writers)) return false;
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    constexpr auto locks = std::to_array<std::string_view>({"key", "no", "share"});
    if (tokens_[i].is_word("for") && is_any(tokens_[i + 1], locks)) return false;
  }
  return only_pure_calls() && !names_view(catalog);
}

bool StatementShape::names_view(const Catalog& catalog) const {
  return std::ranges::any_of(tokens_, [&](const SqlToken& token) {
    if (token.kind == SqlToken::Kind::quoted_word) {
      // U&"..." spells its name in a way of its own.
      return !token.text.starts_with('"') ||
             catalog.has_view(token.text.substr(1, token.text.size() - 2));
    }
    if (token.kind != SqlToken::Kind::word) return false;
    std::string name(token.text);
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
    });
    return name == "information_schema" || catalog.has_view(name);
  });
}

bool StatementShape::only_pure_calls() const {
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    const SqlToken& name = tokens_[i];
    const bool names =
        name.kind == SqlToken::Kind::word || name.kind == SqlToken::Kind::quoted_word;
    if (!names || !tokens_[i + 1].is_symbol("(") || is_any(name, not_calls)) continue;
    const SqlToken* before = i > 0 ? &tokens_[i - 1] : nullptr;
    // A name after these is an alias, a type, or a CTE with its columns: nothing is called.
    if (before != nullptr &&
        (before->is_word("as") || before->is_symbol(")") || before->is_symbol("::") ||
         before->is_word("with") || before->is_word("recursive"))) {
      continue;
    }
    if (!is_any(name, pure_functions)) return false;
    if (before != nullptr && before->is_symbol(".") &&
        (i < 2 || !tokens_[i - 2].is_word("pg_catalog"))) {
      return false;
    }
  }
  return true;
}

std::vector<bool> StatementShape::never_null(std::size_t columns) const {
  std::vector<bool> certain(columns, false);
  Tokens list = main_select();
  if (list.empty() || has_any(set_operations) || list.front().is_word("distinct")) return certain;
  take_word(list, "all");
  int depth = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    depth += depth_change(list[i]);
    if (depth == 0 && is_any(list[i], select_list_ends)) list = list.first(i);
  }
  const std::vector<Tokens> items = split_at_commas(list);
  const bool expands = std::ranges::any_of(
      items, [](Tokens item) { return item.empty() || item.back().text == "*"; });
  if (expands || items.size() != columns) return certain;
  for (std::size_t i = 0; i < columns; ++i) certain[i] = is_never_null(items[i]);
  return certain;
}

}  // namespace loci::sqlgen
