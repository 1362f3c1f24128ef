#include "sqlgen/vet/custom_rules.hpp"

#include <loci/base/error.hpp>
#include <loci/base/json.hpp>
#include <loci/pg/quote.hpp>

#include "schema/sql_lexer.hpp"
#include "sqlgen/compiler.hpp"
#include "sqlgen/parse_tree.hpp"

namespace loci::sqlgen {
namespace {

constexpr std::string_view table_sql =
    "create temporary table queries (file text, name text, cmd text, sql text, params jsonb, "
    "columns jsonb, plan jsonb) on commit drop";

[[noreturn]] void refuse(const CustomRule& rule, const std::string& why) {
  throw Error(ErrorKind::configuration, "vet rule " + rule.name + ": " + why);
}

std::string literal_or_null(std::string_view text) {
  return text.empty() ? "null" : pg::quote_literal(text);
}

/// The SELECT without a `;` after it.
std::string checked(const CustomRule& rule) {
  if (rule.sql.empty()) refuse(rule, "has no `sql`, and rules in another language cannot be run");
  const auto tree = ParseTree::parse(rule.sql);
  if (!tree) refuse(rule, tree.error().message);
  if (tree->statement().kind != "SelectStmt") refuse(rule, "its SQL is no SELECT");
  return std::string(schema::split_statements(rule.sql).front());
}

}  // namespace

CustomRules::CustomRules(TextSession& session, const std::vector<QueryFile>& files,
                         const Catalog& catalog, const std::vector<std::string>& plans)
    : session_(session) {
  if (const auto error = session_.attempt(std::string(table_sql))) throw Error(*error);
  const JsonDocument told = JsonDocument::parse(to_json(files, catalog));
  auto described = told.root()["queries"].begin();
  auto plan = plans.begin();
  for (const QueryFile& file : files) {
    for (const Query& query : file.queries) {
      const auto error = session_.attempt(
          "insert into queries values (" + pg::quote_literal(file.source.name) + ", " +
          pg::quote_literal(query.name) + ", " +
          pg::quote_literal(":" + std::string(to_string(query.command))) + ", " +
          pg::quote_literal(query.sql) + ", " + pg::quote_literal((*described)["params"].raw()) +
          ", " + pg::quote_literal((*described)["columns"].raw()) + ", " + literal_or_null(*plan) +
          ")");
      if (error) throw Error(*error);
      ++described;
      ++plan;
    }
  }
}

std::vector<CustomFinding> CustomRules::run(const CustomRule& rule) {
  const std::string sql =
      "select to_jsonb(found) ->> 'name', to_jsonb(found) ->> 'message' from (" + checked(rule) +
      "\n) as found";
  session_.mark();
  session_.attempt("set local transaction_read_only = on");
  const auto rows = session_.attempt_rows(sql);
  session_.undo();
  if (!rows) refuse(rule, rows.error().server()->message);
  std::vector<CustomFinding> found;
  for (const TextRow& row : *rows) {
    if (!row[0]) refuse(rule, "its rows need a column `name`, the query's");
    found.push_back({*row[0], row[1].value_or(rule.message)});
  }
  return found;
}

}  // namespace loci::sqlgen
