#include "sqlgen/nullability/analyser.hpp"
#include "sqlgen/nullability/tree_codes.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace loci::sqlgen {
namespace {

bool is_one_of(const TreeValue& node, std::span<const std::string_view> labels) {
  return std::ranges::contains(labels, node.label());
}

constexpr auto always_certain =
    std::to_array<std::string_view>({"ARRAYEXPR", "BOOLEANTEST", "DISTINCTEXPR", "GROUPINGFUNC",
                                     "MERGESUPPORTFUNC", "NEXTVALUEEXPR", "NULLTEST", "ROWEXPR"});

/// Certain when their argument is.
constexpr auto of_argument =
    std::to_array<std::string_view>({"ARRAYCOERCEEXPR", "COERCEVIAIO", "COLLATEEXPR",
                                     "CONVERTROWTYPEEXPR", "NAMEDARGEXPR", "RELABELTYPE"});

/// The same value by another type or collation; an array keeps its elements.
constexpr auto of_same_value = std::to_array<std::string_view>({"COLLATEEXPR", "RELABELTYPE"});

bool gives_exactly_one_row(const TreeValue& query) {
  for (const std::string_view clause : {"setOperations", "groupClause", "groupingSets",
                                        "havingQual", "limitCount", "limitOffset"}) {
    if (!query[clause].empty()) return false;
  }
  if (query["commandType"].number() != code::select || query["hasTargetSRFs"].flag()) return false;
  const TreeValue& from = query["jointree"];
  return query["hasAggs"].flag() || (from["fromlist"].empty() && from["quals"].empty());
}

const TreeValue& first_target(const TreeValue& query) {
  return query["targetList"].item(0)["expr"];
}

/// 0 for nodes that do not say it.
std::uint32_t type_of(const TreeValue& expression) {
  constexpr auto fields = std::to_array<std::string_view>(
      {"vartype", "consttype", "paramtype", "resulttype", "funcresulttype", "opresulttype",
       "aggtype", "wintype", "casetype", "coalescetype", "minmaxtype", "array_typeid"});
  for (const std::string_view field : fields) {
    const TreeValue& type = expression[field];
    if (!type.empty()) return static_cast<std::uint32_t>(type.number());
  }
  return 0;
}

/// Whether the select list has a single set-returning function: of several, the shorter ones are
/// filled up with NULL.
bool has_one_set(const TreeValue& query) {
  constexpr std::string_view mark = "retset true";
  const std::string_view list = query["targetList"].text();
  const std::size_t first = list.find(mark);
  return first != std::string_view::npos && list.find(mark, first + 1) == std::string_view::npos;
}

}  // namespace

bool Analyser::is_certain(const TreeValue& expression, const Scope& scope) {
  if (++steps_ > max_steps) return false;
  if (aggregating_ != &scope && scope.left_out().has(expression)) return false;
  if (expression.is("VAR")) return is_column_certain(expression, scope);
  if (expression.is("CONST")) return !expression["constisnull"].flag();
  if (is_proven_expression(expression, scope)) return true;
  if (expression.is("PARAM")) return is_parameter_certain(expression);
  if (is_one_of(expression, always_certain)) return true;
  if (is_one_of(expression, of_argument)) return is_certain(expression["arg"], scope);
  if (expression.is("FUNCEXPR")) return is_call_certain(expression, expression["funcid"], scope);
  if (expression.is("OPEXPR")) return is_call_certain(expression, expression["opfuncid"], scope);
  if (expression.is("BOOLEXPR")) return are_all_certain(expression["args"], scope);
  if (expression.is("COALESCEEXPR") || expression.is("MINMAXEXPR")) {
    return is_any_certain(expression["args"], scope);
  }
  if (expression.is("CASEEXPR")) return is_case_certain(expression, scope);
  if (expression.is("SUBLINK")) return is_sublink_certain(expression, scope);
  if (expression.is("SCALARARRAYOPEXPR")) return is_array_test_certain(expression, scope);
  if (expression.is("ROWCOMPAREEXPR")) {
    return are_all_certain(expression["largs"], scope) &&
           are_all_certain(expression["rargs"], scope);
  }
  if (expression.is("COERCETODOMAIN")) {
    return catalog_.forbids_null(static_cast<std::uint32_t>(expression["resulttype"].number())) ||
           is_certain(expression["arg"], scope);
  }
  if (expression.is("SUBSCRIPTINGREF")) return is_slice_certain(expression, scope);
  if (expression.is("AGGREF")) return is_aggregate_certain(expression, scope);
  if (expression.is("WINDOWFUNC")) return is_window_certain(expression, scope);
  if (expression.is("SQLVALUEFUNCTION")) return expression["op"].number() < code::current_schema;
  if (expression.is("JSONCONSTRUCTOREXPR")) return is_json_certain(expression, scope);
  if (expression.is("JSONVALUEEXPR")) return is_certain(expression["formatted_expr"], scope);
  if (expression.is("JSONISPREDICATE")) return is_certain(expression["expr"], scope);
  return expression.is("CASETESTEXPR") && casting_element_;
}

bool Analyser::are_all_certain(const TreeValue& expressions, const Scope& scope) {
  return std::ranges::all_of(expressions.items(),
                             [&](const TreeValue& one) { return is_certain(one, scope); });
}

bool Analyser::is_any_certain(const TreeValue& expressions, const Scope& scope) {
  return std::ranges::any_of(expressions.items(),
                             [&](const TreeValue& one) { return is_certain(one, scope); });
}

bool Analyser::is_parameter_certain(const TreeValue& parameter) const {
  const auto index = static_cast<std::size_t>(parameter["paramid"].number() - 1);
  if (parameter["paramkind"].number() == code::sublink_parameter) {
    return !sublinks_.empty() && index < sublinks_.back()->size() && (*sublinks_.back())[index];
  }
  return parameter["paramkind"].number() == code::external_parameter &&
         index < parameters_.size() && !parameters_[index].nullable;
}

bool Analyser::is_call_certain(const TreeValue& call, const TreeValue& function_oid,
                               const Scope& scope) {
  const FunctionFacts* called = function(function_oid);
  if (called == nullptr) return false;
  if (call["funcretset"].flag() || call["opretset"].flag()) {
    return has_one_set(scope.query()) && are_rows_certain(call, 1, scope);
  }
  switch (rule_of_call(*called, call)) {
    case NullRule::never:
      return true;
    case NullRule::of_arguments:
      return are_all_certain(call["args"], scope);
    case NullRule::of_first_argument:
      return is_certain(call["args"].item(0), scope);
    case NullRule::of_any_argument:
      return is_any_certain(call["args"], scope);
    case NullRule::unsure:
      break;
  }
  return false;
}

/// Each result is looked at in the light of the conditions that lead to it.
bool Analyser::is_case_certain(const TreeValue& expression, const Scope& scope) {
  const std::size_t before = assumptions_.facts.size();
  bool certain = true;
  for (const TreeValue& branch : expression["args"].items()) {
    const TreeValue& condition = branch["expr"];
    assumptions_.facts.emplace_back(&scope, proofs_.when_true(condition));
    certain = certain && is_certain(branch["result"], scope);
    assumptions_.facts.pop_back();
    // A test that is never NULL was false when the next branch is tried.
    if (is_certain(condition, scope)) {
      assumptions_.facts.emplace_back(&scope, proofs_.when_false(condition));
    }
  }
  certain = certain && is_certain(expression["defresult"], scope);
  assumptions_.facts.resize(before);
  return certain;
}

bool Analyser::is_sublink_certain(const TreeValue& sublink, const Scope& scope) {
  const std::int64_t type = sublink["subLinkType"].number();
  if (type == code::exists_sublink || type == code::array_sublink) return true;
  const TreeValue& query = sublink["subselect"];
  const bool compares = type == code::any_sublink || type == code::all_sublink;
  if (!compares && (type != code::scalar_sublink || !gives_exactly_one_row(query))) return false;
  const Columns columns = outputs(query, &scope);
  if (!compares) return !columns.empty() && columns.front();
  sublinks_.push_back(&columns);
  const bool certain = is_certain(sublink["testexpr"], scope);
  sublinks_.pop_back();
  return certain;
}

/// `x = any (array)`: NULL also when no element is equal and one is NULL.
bool Analyser::is_array_test_certain(const TreeValue& test, const Scope& scope) {
  const FunctionFacts* called = function(test["opfuncid"]);
  return called != nullptr && rule_of_call(*called, test) == NullRule::of_arguments &&
         are_all_certain(test["args"], scope) && are_elements_certain(test["args"].item(1), scope);
}

/// An array has no element where there is none; what it has between two bounds is always an array.
bool Analyser::is_slice_certain(const TreeValue& subscripts, const Scope& scope) {
  const auto is_bound_certain = [&](const TreeValue& bound) {
    return bound.empty() || is_certain(bound, scope);
  };
  return !subscripts["reflowerindexpr"].empty() && is_certain(subscripts["refexpr"], scope) &&
         std::ranges::all_of(subscripts["reflowerindexpr"].items(), is_bound_certain) &&
         std::ranges::all_of(subscripts["refupperindexpr"].items(), is_bound_certain);
}

bool Analyser::is_json_certain(const TreeValue& constructor, const Scope& scope) {
  switch (constructor["type"].number()) {
    case code::json_object:
    case code::json_array:
      return true;
    case code::json_object_aggregate:
    case code::json_array_aggregate:
      return is_certain(constructor["func"], scope);
    default:
      return !constructor["args"].empty() && are_all_certain(constructor["args"], scope);
  }
}

/// Of what is done to each element of an array, when the element is not NULL.
bool Analyser::is_cast_certain(const TreeValue& cast, const Scope& scope) {
  const bool outside = std::exchange(casting_element_, true);
  const bool certain = is_certain(cast, scope);
  casting_element_ = outside;
  return certain;
}

bool Analyser::are_elements_certain(const TreeValue& array, const Scope& scope) {
  if (is_one_of(array, of_same_value)) return are_elements_certain(array["arg"], scope);
  if (array.is("ARRAYCOERCEEXPR")) {
    return are_elements_certain(array["arg"], scope) && is_cast_certain(array["elemexpr"], scope);
  }
  if (array.is("ARRAYEXPR")) {
    const bool nested = array["multidims"].flag();
    return std::ranges::all_of(array["elements"].items(), [&](const TreeValue& element) {
      return nested ? are_elements_certain(element, scope) : is_certain(element, scope);
    });
  }
  if (array.is("SUBLINK") && array["subLinkType"].number() == code::array_sublink) {
    // Of arrays it makes one array of more dimensions, with the elements of them all.
    const TypeFacts* type = catalog_.type(type_of(first_target(array["subselect"])));
    if (type == nullptr || type->kind == TypeFacts::Kind::array) return false;
    const Columns columns = outputs(array["subselect"], &scope);
    return !columns.empty() && columns.front();
  }
  if (!array.is("PARAM") || array["paramkind"].number() != code::external_parameter) return false;
  const auto index = static_cast<std::size_t>(array["paramid"].number() - 1);
  return index < parameters_.size() && !parameters_[index].nullable_elements;
}

}  // namespace loci::sqlgen
