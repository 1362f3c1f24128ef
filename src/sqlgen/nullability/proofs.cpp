#include "sqlgen/nullability/proofs.hpp"

#include "sqlgen/nullability/tree_codes.hpp"

#include <algorithm>

namespace loci::sqlgen {
namespace {

bool is_true_constant(const TreeValue& constant) {
  return constant.text().contains("[ 1 ");
}

/// A constant that is not NULL.
bool is_value(const TreeValue& expression) {
  return expression.is("CONST") && !expression["constisnull"].flag();
}

/// Nodes that are NULL when their argument is.
bool passes_null_on(const TreeValue& node) {
  return node.is("RELABELTYPE") || node.is("COERCEVIAIO") || node.is("ARRAYCOERCEEXPR") ||
         node.is("COLLATEEXPR") || node.is("COERCETODOMAIN");
}

/// A query whose WHERE held for some row if it gives one.
bool gives_rows_only_by_where(const TreeValue& query) {
  // HAVING alone makes all rows one group, which is there without any row.
  const bool is_one_group =
      query["hasAggs"].flag() || (query["groupClause"].empty() && !query["havingQual"].empty());
  return query["commandType"].number() == code::select && query["setOperations"].empty() &&
         !is_one_group && query["groupingSets"].empty();
}

}  // namespace

Facts Proofs::when_true(const TreeValue& condition, std::int64_t level) const {
  return when(Outcome::is_true, condition, level);
}

Facts Proofs::when_false(const TreeValue& condition, std::int64_t level) const {
  return when(Outcome::is_false, condition, level);
}

Facts Proofs::when_not_null(const TreeValue& expression, std::int64_t level) const {
  return when(Outcome::is_not_null, expression, level);
}

Facts Proofs::when(Outcome outcome, const TreeValue& expression, std::int64_t level) const {
  if (expression.is("VAR")) {
    const bool ours = expression["varlevelsup"].number() == level;
    if (!ours || expression["varattno"].number() < 0) return {};
    Fact fact{expression["varno"].number(), expression["varattno"].number(), {}};
    for (const TreeValue& join : expression["varnullingrels"].items()) {
      fact.nulled_by.insert(join.number());
    }
    return Facts(std::move(fact));
  }
  if (expression.is("CONST")) return of_constant(outcome, expression);
  Facts facts = of_parts(outcome, expression, level);
  const bool computes = expression.is("AGGREF") || expression.is("FUNCEXPR") ||
                        expression.is("OPEXPR") || expression.is("SUBSCRIPTINGREF");
  if (level == 0 && computes && is_repeatable(expression)) facts.add(Facts(expression.text()));
  return facts;
}

Facts Proofs::of_parts(Outcome outcome, const TreeValue& expression, std::int64_t level) const {
  if (expression.is("BOOLEXPR")) return of_bool(outcome, expression, level);
  if (expression.is("NULLTEST")) return of_null_test(outcome, expression, level);
  if (expression.is("BOOLEANTEST")) return of_truth_test(outcome, expression, level);
  if (expression.is("DISTINCTEXPR")) return of_distinct(outcome, expression, level);
  if (passes_null_on(expression)) return when_not_null(expression["arg"], level);
  if (expression.is("OPEXPR") && is_strict(expression["opfuncid"])) {
    return of_all(expression["args"], level);
  }
  if (expression.is("FUNCEXPR") && is_strict(expression["funcid"]) &&
      !expression["funcretset"].flag()) {
    return of_all(expression["args"], level);
  }
  if (expression.is("ROWCOMPAREEXPR")) {
    Facts facts = when_not_null(expression["largs"].item(0), level);
    facts.add(when_not_null(expression["rargs"].item(0), level));
    return facts;
  }
  if (expression.is("SCALARARRAYOPEXPR")) return of_array_test(outcome, expression, level);
  if (outcome != Outcome::is_true) return {};
  if (expression.is("SUBLINK")) return of_sublink(expression, level);
  if (expression.is("COALESCEEXPR")) {
    Facts facts = Facts::everything();
    for (const TreeValue& argument : expression["args"].items()) {
      facts.restrict(when_true(argument, level));
    }
    return facts;
  }
  return {};
}

Facts Proofs::of_constant(Outcome outcome, const TreeValue& constant) const {
  const bool holds = !constant["constisnull"].flag() &&
                     (outcome == Outcome::is_not_null ||
                      is_true_constant(constant) == (outcome == Outcome::is_true));
  return holds ? Facts() : Facts::everything();
}

Facts Proofs::of_bool(Outcome outcome, const TreeValue& expression, std::int64_t level) const {
  const std::string_view operation = expression["boolop"].text();
  const TreeValue& arguments = expression["args"];
  if (operation == "not") {
    if (outcome == Outcome::is_true) return when_false(arguments.item(0), level);
    if (outcome == Outcome::is_false) return when_true(arguments.item(0), level);
    return when_not_null(arguments.item(0), level);
  }
  if (outcome == Outcome::is_not_null) {
    Facts facts = of_bool(Outcome::is_true, expression, level);
    facts.restrict(of_bool(Outcome::is_false, expression, level));
    return facts;
  }
  // `and` is true when all are, and false when one is; `or` the other way round.
  const bool all_of_them = (operation == "and") == (outcome == Outcome::is_true);
  Facts facts = all_of_them ? Facts() : Facts::everything();
  for (const TreeValue& argument : arguments.items()) {
    const Facts part = when(outcome, argument, level);
    if (all_of_them) {
      facts.add(part);
    } else {
      facts.restrict(part);
    }
  }
  return facts;
}

Facts Proofs::of_null_test(Outcome outcome, const TreeValue& test, std::int64_t level) const {
  const bool is_null = test["nulltesttype"].number() == code::is_null;
  if (outcome != (is_null ? Outcome::is_false : Outcome::is_true)) return {};
  const TreeValue& argument = test["arg"];
  if (!argument.is("ROWEXPR")) return when_not_null(argument, level);
  // A row is not null when all its fields are; it is not "is null" when one of them is.
  return is_null ? Facts() : of_all(argument["args"], level);
}

Facts Proofs::of_truth_test(Outcome outcome, const TreeValue& test, std::int64_t level) const {
  const TreeValue& argument = test["arg"];
  const std::int64_t type = test["booltesttype"].number();
  const bool negated = type % 2 == 1;  // IS NOT TRUE, IS NOT FALSE, IS NOT UNKNOWN
  if (outcome == Outcome::is_not_null) return {};
  const bool as_said = negated == (outcome == Outcome::is_false);
  if (type / 2 == code::test_of_true && as_said) return when_true(argument, level);
  if (type / 2 == code::test_of_false && as_said) return when_false(argument, level);
  if (type / 2 == code::test_of_unknown && !as_said) return when_not_null(argument, level);
  return {};
}

Facts Proofs::of_distinct(Outcome outcome, const TreeValue& test, std::int64_t level) const {
  const TreeValue& left = test["args"].item(0);
  const TreeValue& right = test["args"].item(1);
  if (outcome != Outcome::is_false) return {};
  if (is_value(right)) return when_not_null(left, level);
  return is_value(left) ? when_not_null(right, level) : Facts();
}

/// `x = any (array)` and `x <> all (array)`: of no elements the first is false and the second true,
/// whatever x is.
Facts Proofs::of_array_test(Outcome outcome, const TreeValue& test, std::int64_t level) const {
  if (!is_strict(test["opfuncid"])) return {};
  const TreeValue& array = test["args"].item(1);
  if (array.is("ARRAYEXPR") && !array["elements"].empty() && !array["multidims"].flag()) {
    return when_not_null(test["args"].item(0), level);
  }
  const bool some_element = test["useOr"].flag() == (outcome == Outcome::is_true);
  return some_element && outcome != Outcome::is_not_null ? of_all(test["args"], level) : Facts();
}

/// Of `x in (select ...)` and `exists (select ...)`.
Facts Proofs::of_sublink(const TreeValue& sublink, std::int64_t level) const {
  const std::int64_t type = sublink["subLinkType"].number();
  if (type == code::any_sublink) return when_true(sublink["testexpr"], level);
  const TreeValue& query = sublink["subselect"];
  if (type != code::exists_sublink || !gives_rows_only_by_where(query)) return {};
  return when_true(query["jointree"]["quals"], level + 1);
}

Facts Proofs::of_all(const TreeValue& expressions, std::int64_t level) const {
  Facts facts;
  for (const TreeValue& expression : expressions.items()) {
    facts.add(when_not_null(expression, level));
  }
  return facts;
}

/// Whether it has the same value wherever it stands in the same query, for the same row.
bool Proofs::is_repeatable(const TreeValue& expression) const {
  if (expression.is("SUBLINK") || expression.is("CASETESTEXPR") ||
      expression["funcretset"].flag() ||
      (expression.is("PARAM") && expression["paramkind"].number() != code::external_parameter)) {
    return false;
  }
  for (const std::string_view field : {"funcid", "opfuncid", "aggfnoid"}) {
    const TreeValue& oid = expression[field];
    if (oid.empty()) continue;
    const FunctionFacts* function = catalog_.function(static_cast<std::uint32_t>(oid.number()));
    if (function == nullptr || function->is_volatile) return false;
  }
  return std::ranges::all_of(expression.items(),
                             [this](const TreeValue& part) { return is_repeatable(part); });
}

bool Proofs::is_strict(const TreeValue& function_oid) const {
  const FunctionFacts* function =
      catalog_.function(static_cast<std::uint32_t>(function_oid.number()));
  return function != nullptr && function->strict;
}

}  // namespace loci::sqlgen
