#include "sqlgen/nullability/left_out.hpp"

#include "sqlgen/nullability/tree_codes.hpp"

#include <algorithm>
#include <utility>

namespace loci::sqlgen {
namespace {

/// Two expressions of different kinds are never equal.
std::string kind_of(const TreeValue& node) {
  std::string kind(node.label());
  for (const std::string_view field : {"funcid", "opno", "paramid"}) {
    if (!node[field].empty()) (kind += ' ') += node[field].text();
  }
  return kind;
}

/// A function whose body PostgreSQL may put in place of the call.
bool is_users(const TreeValue& node) {
  return std::max(node["funcid"].number(), node["opfuncid"].number()) >= code::first_users_oid;
}

/// What no item of GROUP BY is or holds.
bool is_of_groups(const TreeValue& node) {
  return node.is("AGGREF") || node.is("GROUPINGFUNC") || node.is("WINDOWFUNC");
}

}  // namespace

/// What an expression is made of.
struct LeftOut::Look {
  const LeftOut& whole;
  const Item& item;
  bool columns = false;
  bool columns_of_item = false;
  bool groups = false;

  void at(const TreeValue& part, std::int64_t depth) {
    if (part.is("VAR") && part["varlevelsup"].number() >= depth) {
      const std::int64_t level = part["varlevelsup"].number() - depth;
      columns = true;
      columns_of_item =
          columns_of_item || item.has({level, part["varno"].number(), part["varattno"].number()});
      if (level == 0) at(whole.joined(part), 0);
    } else if (depth == 0 && is_of_groups(part)) {
      groups = true;
    } else {
      for (const TreeValue& one : part.items()) at(one, part.is("QUERY") ? depth + 1 : depth);
    }
  }
};

bool LeftOut::Item::has(const Column& column) const {
  return std::ranges::any_of(columns, [&](const Column& one) {
    return one.level == column.level && one.entry == column.entry &&
           (one.column == column.column || one.column == 0 || column.column == 0);
  });
}

void LeftOut::add(const TreeValue& item) {
  Item added;
  note(added, item, 0);
  items_.push_back(std::move(added));
}

/// The expression that a column of a join stands for; nothing when it is no such column.
const TreeValue& LeftOut::joined(const TreeValue& var) const noexcept {
  const auto entry = static_cast<std::size_t>(var["varno"].number() - 1);
  const auto column = static_cast<std::size_t>(var["varattno"].number() - 1);
  return query_["rtable"].item(entry)["joinaliasvars"].item(column);
}

/// Gives whether the part has columns in it.
bool LeftOut::note(Item& item, const TreeValue& part, std::int64_t depth) const {
  if (part.is("VAR")) {
    const std::int64_t level = part["varlevelsup"].number() - depth;
    if (level < 0) return false;
    item.columns.insert({level, part["varno"].number(), part["varattno"].number()});
    if (level == 0) note(item, joined(part), 0);
    return true;
  }
  bool has_columns = false;
  for (const TreeValue& one : part.items()) {
    has_columns = note(item, one, part.is("QUERY") ? depth + 1 : depth) || has_columns;
  }
  item.calls_users_function = item.calls_users_function || is_users(part);
  if (!part.label().empty() && !part.is("CONST") && depth == 0) {
    (has_columns ? item.kinds : item.column_free).insert(kind_of(part));
  }
  return has_columns;
}

bool LeftOut::has(const TreeValue& expression) const {
  // A constant is never looked up among the groups.
  if (items_.empty() || expression.is("CONST")) return false;
  const std::string kind = kind_of(expression);
  return std::ranges::any_of(items_, [&](const Item& item) {
    Look look{*this, item};
    look.at(expression, 0);
    if (expression.is("VAR")) return look.columns_of_item;
    if (look.groups) return false;
    if (!look.columns) return item.column_free.contains(kind);
    return look.columns_of_item && (item.calls_users_function || item.kinds.contains(kind));
  });
}

bool LeftOut::has_column(std::int64_t entry, std::int64_t column) const {
  return std::ranges::any_of(items_,
                             [&](const Item& item) { return item.has({0, entry, column}); });
}

}  // namespace loci::sqlgen
