#include "sqlgen/nullability/analyser.hpp"
#include "sqlgen/nullability/nullability.hpp"
#include "sqlgen/nullability/tree_codes.hpp"

#include <algorithm>
#include <utility>

namespace loci::sqlgen {
namespace {

using Columns = std::vector<bool>;

Columns both(const Columns& left, const Columns& right) {
  Columns columns(left.size(), false);
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i)
    columns[i] = left[i] && right[i];
  return columns;
}

Columns either(const Columns& left, const Columns& right) {
  Columns columns = left;
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i)
    columns[i] = left[i] || right[i];
  return columns;
}

}  // namespace

Columns Analyser::outputs(const TreeValue& query, const Scope* outer) {
  const Scope scope(query, outer, proofs_);
  if (!query["setOperations"].empty()) return set_outputs(query["setOperations"], scope);
  const bool selects = query["commandType"].number() == code::select;
  Columns columns;
  for (const TreeValue& target : query[selects ? "targetList" : "returningList"].items()) {
    if (!target["resjunk"].flag()) columns.push_back(is_certain(target["expr"], scope));
  }
  return columns;
}

Columns Analyser::set_outputs(const TreeValue& arm, const Scope& scope) {
  if (arm.is("RANGETBLREF")) {
    return outputs_of_entry(scope.entry(arm["rtindex"].number())["subquery"], &scope);
  }
  if (!arm.is("SETOPERATIONSTMT")) return {};
  Columns left = set_outputs(arm["larg"], scope);
  const std::int64_t operation = arm["op"].number();
  if (operation == code::set_except) return left;
  const Columns right = set_outputs(arm["rarg"], scope);
  return operation == code::set_intersect ? either(left, right) : both(left, right);
}

/// The same whoever asks: nothing is assumed of the branch of a CASE that the asker is in.
Columns Analyser::outputs_of_entry(const TreeValue& query, const Scope* outer) {
  if (const auto known = known_.find(&query); known != known_.end()) return known->second;
  Assumptions of_asker = std::exchange(assumptions_, {});
  Columns columns = outputs(query, outer);
  assumptions_ = std::move(of_asker);
  if (recursions_.empty()) known_.emplace(&query, columns);
  return columns;
}

Columns Analyser::outputs_of_cte(const TreeValue& entry, const Scope& scope) {
  const Scope* owner = scope.above(entry["ctelevelsup"].number());
  if (owner == nullptr) return {};
  const auto ctes = owner->query()["cteList"].items();
  const auto cte = std::ranges::find_if(
      ctes, [&](const TreeValue& one) { return one["ctename"].text() == entry["ctename"].text(); });
  if (cte == ctes.end()) return {};
  if (const auto supposed = recursions_.find(&*cte); supposed != recursions_.end()) {
    return supposed->second;
  }
  if (cte->operator[]("cterecursive").flag()) return outputs_of_recursion(*cte, *owner);
  return outputs_of_entry((*cte)["ctequery"], owner);
}

/// Supposes that no column is ever NULL, and takes back what that leads to until nothing changes:
/// then it holds for the first rows, and for all that are made of rows for which it holds.
Columns Analyser::outputs_of_recursion(const TreeValue& cte, const Scope& scope) {
  const TreeValue& query = cte["ctequery"];
  if (const auto known = known_.find(&query); known != known_.end()) return known->second;
  Assumptions of_asker = std::exchange(assumptions_, {});
  Columns supposed(query["targetList"].items().size(), true);
  for (bool settled = false; !settled;) {
    recursions_[&cte] = supposed;
    Columns found = both(supposed, outputs(query, &scope));
    settled = found == supposed;
    supposed = std::move(found);
  }
  recursions_.erase(&cte);
  assumptions_ = std::move(of_asker);
  if (recursions_.empty()) known_.emplace(&query, supposed);
  return supposed;
}

Columns Analyser::outputs_of_view(std::uint32_t oid) {
  if (const auto known = views_.find(oid); known != views_.end()) return known->second;
  const auto text = catalog_.views.find(oid);
  auto tree = text == catalog_.views.end() ? std::nullopt : ServerTree::read(text->second);
  if (!tree) return {};
  // What is found of its parts is kept by their addresses.
  const ServerTree& kept = view_trees_.emplace_back(std::move(*tree));
  auto of_asker = std::exchange(recursions_, {});
  Columns columns = outputs_of_entry(kept.query(), nullptr);
  recursions_ = std::move(of_asker);
  return views_.emplace(oid, std::move(columns)).first->second;
}

const FunctionFacts* Analyser::function(const TreeValue& oid) const {
  return catalog_.function(static_cast<std::uint32_t>(oid.number()));
}

std::vector<bool> never_null_columns(const ServerTree& statement, const Catalog& catalog,
                                     const std::vector<ParameterNulls>& parameters) {
  return Analyser(catalog, parameters).outputs(statement.query(), nullptr);
}

}  // namespace loci::sqlgen
