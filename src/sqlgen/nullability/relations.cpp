#include "sqlgen/nullability/analyser.hpp"
#include "sqlgen/nullability/tree_codes.hpp"

#include <algorithm>

namespace loci::sqlgen {
namespace {

bool at(const std::vector<bool>& columns, std::int64_t number) {
  return number > 0 && static_cast<std::size_t>(number) <= columns.size() &&
         columns[static_cast<std::size_t>(number - 1)];
}

/// A MERGE that may also act on rows of its target that its source lacks.
bool may_lack_source(const TreeValue& query) {
  return query["commandType"].number() == code::merge &&
         std::ranges::any_of(query["mergeActionList"].items(), [](const TreeValue& action) {
           return action["matchKind"].number() == code::not_matched_by_source;
         });
}

}  // namespace

bool Analyser::is_column_certain(const TreeValue& var, const Scope& scope) {
  const Scope* owner = scope.above(var["varlevelsup"].number());
  if (owner == nullptr || var["varreturningtype"].number() != 0) return false;
  const std::int64_t entry = var["varno"].number();
  const std::int64_t column = var["varattno"].number();
  if (aggregating_ != owner && owner->left_out().has_column(entry, column)) return false;
  if (is_proven(var, *owner)) return true;
  if (is_nulled(var, *owner)) return false;
  const bool is_target = owner->is_result_relation(entry);
  if (!is_target && may_lack_source(owner->query())) return false;
  // What a write to a view returns, its trigger made up.
  if (is_target && owner->entry(entry)["relkind"].text() == "v") return false;
  return is_entry_column_certain(entry, column, *owner);
}

/// A fact that was seen below some outer joins holds above them if none of those took the row away.
bool Analyser::is_proven(const TreeValue& var, const Scope& scope) const {
  const std::int64_t entry = var["varno"].number();
  const auto shows = [&](const Fact& fact) {
    return fact.entry == entry && fact.column == var["varattno"].number() &&
           std::ranges::all_of(var["varnullingrels"].items(), [&](const TreeValue& join) {
             return fact.nulled_by.contains(join.number()) ||
                    is_side_matched(scope.side_of(entry, join.number()), scope);
           });
  };
  return std::ranges::any_of(scope.facts().all(), shows) ||
         std::ranges::any_of(assumptions_.facts, [&](const auto& assumed) {
           return assumed.first == &scope && std::ranges::any_of(assumed.second.all(), shows);
         });
}

bool Analyser::is_proven_expression(const TreeValue& expression, const Scope& scope) const {
  return !scope.has_grouping_sets() &&
         (scope.facts().has(expression.text()) ||
          std::ranges::any_of(assumptions_.facts, [&](const auto& assumed) {
            return assumed.first == &scope && assumed.second.has(expression.text());
          }));
}

/// Whether some outer join may have put NULL in its place. In the branch of a CASE, a column that
/// is not NULL there shows that the joins it comes through had a match.
bool Analyser::is_nulled(const TreeValue& var, const Scope& scope) const {
  const std::int64_t entry = var["varno"].number();
  const auto has_match = [&](const JoinSide& side) {
    return is_side_matched(side, scope) ||
           std::ranges::any_of(assumptions_.facts, [&](const auto& assumed) {
             return assumed.first == &scope &&
                    std::ranges::any_of(assumed.second.all(), [&](const Fact& fact) {
                      return fact.nulled_by.contains(side.join) &&
                             scope.side_of(fact.entry, side.join) == side;
                    });
           });
  };
  return !std::ranges::all_of(var["varnullingrels"].items(), [&](const TreeValue& join) {
    return has_match(scope.side_of(entry, join.number()));
  });
}

bool Analyser::is_side_matched(const JoinSide& side, const Scope& scope) const {
  return scope.is_matched(side) ||
         std::ranges::contains(assumptions_.matched, std::pair(&scope, side));
}

bool Analyser::is_entry_column_certain(std::int64_t number, std::int64_t column,
                                       const Scope& scope) {
  const TreeValue& entry = scope.entry(number);
  if (!entry.is("RANGETBLENTRY")) return false;
  switch (entry["rtekind"].number()) {
    case code::relation_entry:
      return is_table_column_certain(entry, column);
    case code::subquery_entry:
      return column == 0 || at(outputs_of_entry(entry["subquery"], &scope), column);
    case code::join_entry:
      return is_join_column_certain(number, column, scope);
    case code::function_entry:
      return is_function_column_certain(entry, column, scope);
    case code::values_entry:
      return column == 0 || are_values_certain(entry, column, scope);
    case code::cte_entry:
      return column == 0 || at(outputs_of_cte(entry, scope), column);
    default:
      return false;
  }
}

bool Analyser::is_table_column_certain(const TreeValue& entry, std::int64_t column) {
  if (column == 0) return true;
  const auto oid = static_cast<std::uint32_t>(entry["relid"].number());
  const std::string_view kind = entry["relkind"].text();
  if (kind == "v") return at(outputs_of_view(oid), column);
  if (column < 0) return kind == "r";  // ctid, xmin, ...
  const TableFacts* table = catalog_.table(oid);
  const TableColumn* facts =
      table != nullptr ? table->column(static_cast<std::int16_t>(column)) : nullptr;
  const bool without_children = !entry["inh"].flag();
  return facts != nullptr && (facts->not_null || (without_children && facts->own_not_null));
}

bool Analyser::is_join_column_certain(std::int64_t number, std::int64_t column,
                                      const Scope& scope) {
  const TreeValue& entry = scope.entry(number);
  if (column < 1) return false;
  const TreeValue& alias = entry["joinaliasvars"].item(static_cast<std::size_t>(column - 1));
  if (entry["jointype"].number() != code::full_join || !alias.is("COALESCEEXPR")) {
    return is_certain(alias, scope);
  }
  // A column of FULL JOIN ... USING: each of its rows has one of the sides, unknown which.
  for (const bool left : {true, false}) {
    assumptions_.matched.emplace_back(&scope, JoinSide{number, left});
  }
  const bool certain = are_all_certain(alias["args"], scope);
  assumptions_.matched.resize(assumptions_.matched.size() - 2);
  return certain || is_certain(alias, scope);
}

bool Analyser::is_function_column_certain(const TreeValue& entry, std::int64_t column,
                                          const Scope& scope) {
  const TreeValue& functions = entry["functions"];
  // Of ROWS FROM (f, g) the shorter one is filled up with NULL.
  if (functions.items().size() != 1 || column < 1) return false;
  const TreeValue& call = functions.item(0)["funcexpr"];
  const std::int64_t columns = functions.item(0)["funccolcount"].number();
  if (column > columns) return entry["funcordinality"].flag();
  if (call["funcretset"].flag()) return are_rows_certain(call, column, scope);
  return columns == 1 && call.is("FUNCEXPR") && is_certain(call, scope);
}

/// What a set-returning function gives in each of its rows.
bool Analyser::are_rows_certain(const TreeValue& call, std::int64_t column, const Scope& scope) {
  const FunctionFacts* called = function(call["funcid"]);
  if (called == nullptr) return false;
  if (called->builtin && called->name == "unnest") {
    return column == 1 && are_elements_certain(call["args"].item(0), scope);
  }
  return rule_of_rows(*called, column) == NullRule::never;
}

bool Analyser::are_values_certain(const TreeValue& entry, std::int64_t column, const Scope& scope) {
  return column > 0 &&
         std::ranges::all_of(entry["values_lists"].items(), [&](const TreeValue& row) {
           return is_certain(row.item(static_cast<std::size_t>(column - 1)), scope);
         });
}

}  // namespace loci::sqlgen
