#include "sqlgen/vet/statement_rules.hpp"

#include <set>

namespace loci::sqlgen {
namespace {

bool is_star(Json target) {
  const ParseNode value = node_of(target["val"]);
  if (value.kind != "ColumnRef") return false;
  for (const Json part : value.fields["fields"]) {
    if (node_of(part).kind == "A_Star") return true;
  }
  return false;
}

/// The targets of the subqueries that are only asked whether they give rows.
std::set<const char*> targets_of_exists(const ParseTree& tree) {
  std::set<const char*> targets;
  for (const Json link : tree.find_all("SubLink")) {
    if (link["subLinkType"].string_or("") != "EXISTS_SUBLINK") continue;
    const Json list = node_of(link["subselect"]).fields["targetList"];
    for (const Json target : list) {
      targets.insert(node_of(target).fields.raw().data());
    }
  }
  return targets;
}

}  // namespace

std::optional<std::string> selects_star(const ParseTree& tree) {
  const std::set<const char*> harmless = targets_of_exists(tree);
  for (const Json target : tree.find_all("ResTarget")) {
    if (!is_star(target) || harmless.contains(target.raw().data())) continue;
    return "`*` gives other columns when the table changes; name those that are wanted";
  }
  return std::nullopt;
}

std::optional<std::string> lacks_where(const ParseTree& tree) {
  for (const auto& [kind, verb] : {std::pair{"UpdateStmt", "UPDATE"}, {"DeleteStmt", "DELETE"}}) {
    for (const Json statement : tree.find_all(kind)) {
      if (statement["whereClause"].exists()) continue;
      return std::string(verb) + " without WHERE: every row of " +
             statement["relation"]["relname"].string_or("the table");
    }
  }
  return std::nullopt;
}

}  // namespace loci::sqlgen
