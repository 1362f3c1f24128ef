#include "sqlgen/nullability/analyser.hpp"
#include "sqlgen/nullability/tree_codes.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace loci::sqlgen {
namespace {

/// Whether the row itself is always in the frame that a window function looks at.
bool has_row_in_frame(const TreeValue& query, std::int64_t window) {
  const auto clauses = query["windowClause"].items();
  const auto clause = std::ranges::find_if(
      clauses, [window](const TreeValue& one) { return one["winref"].number() == window; });
  if (clause == clauses.end()) return false;
  const std::int64_t options = (*clause)["frameOptions"].number();
  return (options & code::frame_starts_at_or_before_row) != 0 &&
         (options & code::frame_ends_at_or_after_row) != 0 &&
         (options & code::frame_excludes_row) == 0;
}

}  // namespace

bool Analyser::is_aggregate_certain(const TreeValue& aggregate, const Scope& scope) {
  const FunctionFacts* called = function(aggregate["aggfnoid"]);
  const Scope* owner = scope.above(aggregate["agglevelsup"].number());
  if (called == nullptr || owner == nullptr) return false;
  if (rule_of_empty_aggregate(*called) == NullRule::never) return true;
  if (!owner->groups_have_rows() || !aggregate["aggfilter"].empty()) return false;
  const NullRule rule = rule_of_aggregate(*called);
  if (rule == NullRule::never) return true;
  if (rule == NullRule::unsure || !are_all_certain(aggregate["aggdirectargs"], scope)) return false;

  const Scope* outside = std::exchange(aggregating_, owner);
  const auto arguments = aggregate["args"].items();
  const bool certain = !arguments.empty() && is_certain(arguments.front()["expr"], scope) &&
                       (rule == NullRule::of_first_argument ||
                        std::ranges::all_of(arguments, [&](const TreeValue& argument) {
                          return argument["resjunk"].flag() || is_certain(argument["expr"], scope);
                        }));
  aggregating_ = outside;
  return certain;
}

bool Analyser::is_window_certain(const TreeValue& window, const Scope& scope) {
  const FunctionFacts* called = function(window["winfnoid"]);
  if (called == nullptr) return false;
  const bool aggregate = window["winagg"].flag();
  if (aggregate && rule_of_empty_aggregate(*called) == NullRule::never) return true;
  const NullRule rule = aggregate ? rule_of_aggregate(*called) : rule_of_window(*called);
  const bool looks_at_frame =
      aggregate || called->name == "first_value" || called->name == "last_value";
  if (rule == NullRule::unsure || !window["aggfilter"].empty() ||
      (looks_at_frame && !has_row_in_frame(scope.query(), window["winref"].number()))) {
    return false;
  }
  if (rule == NullRule::never) return true;
  const TreeValue& arguments = window["args"];
  // Of a frame that holds the row itself an aggregate takes the row's own argument, too.
  if (aggregate) {
    return rule == NullRule::of_first_argument ? is_certain(arguments.item(0), scope)
                                               : are_all_certain(arguments, scope);
  }
  // The first argument is another row's, of which the branch of a CASE shows nothing; the offset
  // and the default of lag and lead are the row's own.
  Assumptions of_row = std::exchange(assumptions_, {});
  const bool certain = is_certain(arguments.item(0), scope);
  assumptions_ = std::move(of_row);
  return certain && std::ranges::all_of(
                        arguments.items() | std::views::drop(1),
                        [&](const TreeValue& argument) { return is_certain(argument, scope); });
}

}  // namespace loci::sqlgen
