#include "sqlgen/parameter_hints.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace loci::sqlgen {
namespace {

/// What a name was taken from, the best first.
enum class Source : std::uint8_t { column, argument, limit, alias, none };

/// A parameter found in an expression, perhaps within casts or a function of one argument.
struct Found {
  std::size_t number = 0;  ///< From 0.
  bool bare = true;        ///< Nothing stood around it.
};

struct ColumnUse {
  std::string name;
  std::uint32_t table = 0;
  const TableColumn* column = nullptr;
};

class HintReader {
public:
  HintReader(const ParseTree& tree, const Catalog& catalog, std::size_t count)
      : tree_(tree),
        catalog_(catalog),
        hints_(count),
        sources_(count, Source::none),
        into_nullable_(count) {
    for (const Json range : tree.find_all("RangeVar")) {
      const std::string name = range["relname"].string_or("");
      const std::uint32_t oid = catalog.table_named(range["schemaname"].string_or(""), name);
      if (oid != 0) ranges_.emplace_back(range["alias"]["aliasname"].string_or(name), oid);
    }
  }

  std::vector<ParameterHint> run() {
    // Each kind of statement and expression by itself: what is nested is found there too.
    for (const Json insert : tree_.find_all("InsertStmt")) read_insert(insert);
    for (const Json update : tree_.find_all("UpdateStmt")) {
      read_assignments(update["targetList"], table_of(update["relation"]));
    }
    visit(tree_.statement());
    count_nullable();
    return std::move(hints_);
  }

private:
  std::uint32_t table_of(Json range) const {
    return catalog_.table_named(range["schemaname"].string_or(""), range["relname"].string_or(""));
  }

  void read_insert(Json insert) {
    const std::uint32_t table = table_of(insert["relation"]);
    std::vector<std::string> columns;
    for (const Json target : insert["cols"]) {
      columns.push_back(node_of(target).fields["name"].string_or(""));
    }
    if (const TableFacts* facts = catalog_.table(table); columns.empty() && facts != nullptr) {
      for (const TableColumn& column : facts->columns) columns.push_back(column.name);
    }
    const Json select = node_of(insert["selectStmt"]).fields;
    const auto assign_all = [&](Json values) {
      std::size_t i = 0;
      for (const Json value : values) {
        const ParseNode node = node_of(value);
        const ParseNode given = node.kind == "ResTarget" ? node_of(node.fields["val"]) : node;
        if (i < columns.size()) assign(given, table, columns[i]);
        ++i;
      }
    };
    for (const Json row : select["valuesLists"]) assign_all(node_of(row).fields["items"]);
    assign_all(select["targetList"]);
    read_assignments(insert["onConflictClause"]["targetList"], table);
  }

  void read_assignments(Json targets, std::uint32_t table) {
    for (const Json target : targets) {
      const Json fields = node_of(target).fields;
      ParseNode value = node_of(fields["val"]);
      if (value.kind == "MultiAssignRef") {  // (a, b) = ($1, $2)
        const std::int64_t number = value.fields["colno"].integer().value_or(1);
        const Json row = node_of(value.fields["source"]).fields["args"];
        std::int64_t i = 0;
        value = {};
        for (const Json item : row) {
          if (++i == number) value = node_of(item);
        }
      }
      assign(value, table, fields["name"].string_or(""));
    }
  }

  void assign(const ParseNode& value, std::uint32_t table, const std::string& name) {
    const auto found = parameter_in(value);
    if (!found) return;
    const TableFacts* facts = catalog_.table(table);
    const TableColumn* column = facts != nullptr ? facts->column(name) : nullptr;
    hint(*found, Source::column, {name, table, column}, true);
    if (column == nullptr || facts->view || !found->bare) return;
    if (!column->not_null && !column->refuses_null) ++into_nullable_[found->number];
  }

  void visit(const ParseNode& node) {
    if (node.kind == "A_Expr") read_comparison(node.fields);
    if (node.kind == "FuncCall") read_call(node.fields);
    if (node.kind == "CoalesceExpr" || node.kind == "MinMaxExpr") read_peers(node.fields["args"]);
    if (node.kind == "SelectStmt") {
      if (const auto limit = parameter_in(node_of(node.fields["limitCount"]))) {
        hint(*limit, Source::limit, {"limit", 0, nullptr}, false);
      }
      if (const auto offset = parameter_in(node_of(node.fields["limitOffset"]))) {
        hint(*offset, Source::limit, {"offset", 0, nullptr}, false);
      }
      for (const Json item : node.fields["targetList"]) read_alias(node_of(item).fields);
    }
    descend(node.fields);
  }

  void descend(Json value) {
    for (const Json part : value) {
      const ParseNode node = node_of(part);
      if (!node.kind.empty()) {
        visit(node);
      } else if (part.key() == "larg" || part.key() == "rarg") {
        visit({"SelectStmt", part});  // an arm of a set operation goes unwrapped
      } else {
        descend(part);
      }
    }
  }

  void read_comparison(Json fields) {
    const ParseNode left = node_of(fields["lexpr"]);
    const ParseNode right = node_of(fields["rexpr"]);
    std::string op;
    for (const Json part : fields["name"]) op = node_of(part).fields["sval"].string_or("");
    const std::string kind = fields["kind"].string_or("");
    const bool same_type = op == "=" && (kind == "AEXPR_OP" || kind == "AEXPR_IN");
    if (const auto column = column_in(left)) {
      compare(right, *column, same_type);
      for (const Json item : right.fields["items"]) compare(node_of(item), *column, same_type);
      for (const Json item : right.fields["elements"]) compare(node_of(item), *column, false);
    }
    if (const auto column = column_in(right)) compare(left, *column, same_type);
    if (left.kind == "RowExpr" && right.kind == "RowExpr") read_rows(left, right);
  }

  /// `(a, b) > ($1, $2)`
  void read_rows(const ParseNode& left, const ParseNode& right) {
    auto other = right.fields["args"].begin();
    for (const Json item : left.fields["args"]) {
      if (other == right.fields["args"].end()) return;
      const ParseNode mine = node_of(item);
      const ParseNode theirs = node_of(*other);
      if (const auto column = column_in(mine)) compare(theirs, *column, false);
      if (const auto column = column_in(theirs)) compare(mine, *column, false);
      ++other;
    }
  }

  /// `coalesce($1, a)`
  void read_peers(Json arguments) {
    std::optional<ColumnUse> column;
    for (const Json argument : arguments) {
      if (!column) column = column_in(node_of(argument));
    }
    if (!column) return;
    for (const Json argument : arguments) compare(node_of(argument), *column, false);
  }

  void compare(const ParseNode& value, const ColumnUse& column, bool same_type) {
    if (const auto found = parameter_in(value)) hint(*found, Source::column, column, same_type);
  }

  void read_call(Json fields) {
    std::string function;
    for (const Json part : fields["funcname"]) {
      function = node_of(part).fields["sval"].string_or("");
    }
    const std::vector<std::string>* names = argument_names(function, fields["args"].size());
    std::size_t i = 0;
    for (const Json argument : fields["args"]) {
      const ParseNode node = node_of(argument);
      const bool named = node.kind == "NamedArgExpr";
      std::string name = function;
      if (named) {
        name = node.fields["name"].string_or("");
      } else if (names != nullptr && i < names->size() && !(*names)[i].empty()) {
        name = (*names)[i];
      }
      const auto found = parameter_in(named ? node_of(node.fields["arg"]) : node);
      if (found) hint(*found, Source::argument, {name, 0, nullptr}, false);
      ++i;
    }
  }

  /// Of the function that has room for so many arguments; of the first where several do.
  const std::vector<std::string>* argument_names(const std::string& function,
                                                 std::size_t arguments) const {
    const auto [begin, end] = catalog_.argument_names.equal_range(function);
    for (auto each = begin; each != end; ++each) {
      if (each->second.size() >= arguments) return &each->second;
    }
    return nullptr;
  }

  void read_alias(Json target) {
    std::string name = target["name"].string_or("");
    if (name.ends_with('!') || name.ends_with('?')) name.pop_back();
    const auto found = parameter_in(node_of(target["val"]));
    if (found && !name.empty()) hint(*found, Source::alias, {name, 0, nullptr}, false);
  }

  std::optional<Found> parameter_in(const ParseNode& value) const {
    if (value.kind == "ParamRef") {
      const std::int64_t number = value.fields["number"].integer().value_or(0);
      if (number < 1 || std::cmp_greater(number, hints_.size())) return std::nullopt;
      return Found{static_cast<std::size_t>(number - 1), true};
    }
    std::optional<Found> inner;
    if (value.kind == "TypeCast") inner = parameter_in(node_of(value.fields["arg"]));
    if (value.kind == "FuncCall" && value.fields["args"].size() == 1) {
      inner = parameter_in(node_of(*value.fields["args"].begin()));
    }
    if (inner) inner->bare = false;
    return inner;
  }

  std::optional<ColumnUse> column_in(const ParseNode& value) const {
    if (value.kind == "ColumnRef") return resolve(value.fields["fields"]);
    std::optional<ColumnUse> inner;
    if (value.kind == "TypeCast") inner = column_in(node_of(value.fields["arg"]));
    if (value.kind == "FuncCall" && value.fields["args"].size() == 1) {
      inner = column_in(node_of(*value.fields["args"].begin()));
    }
    if (inner) inner->column = nullptr;  // the value has another type than the column
    return inner;
  }

  std::optional<ColumnUse> resolve(Json names) const {
    std::vector<std::string> parts;
    for (const Json part : names) {
      const ParseNode node = node_of(part);
      if (node.kind != "String") return std::nullopt;
      parts.push_back(node.fields["sval"].string_or(""));
    }
    if (parts.empty()) return std::nullopt;
    ColumnUse use{parts.back(), 0, nullptr};
    for (const auto& [alias, table] : ranges_) {
      if (parts.size() > 1 && parts[parts.size() - 2] != alias) continue;
      const TableColumn* column = catalog_.table(table)->column(use.name);
      if (column == nullptr) continue;
      if (use.column != nullptr && use.table != table) return ColumnUse{parts.back(), 0, nullptr};
      use.table = table;
      use.column = column;
    }
    return use;
  }

  void hint(const Found& found, Source source, const ColumnUse& column, bool same_type) {
    ParameterHint& mine = hints_[found.number];
    if (source < sources_[found.number]) {
      sources_[found.number] = source;
      mine.name = column.name;
    }
    if (!same_type || !found.bare || column.column == nullptr || mine.table != 0) return;
    mine.table = column.table;
    mine.table_column = column.column->number;
  }

  /// What is NULL in one place is NULL in all of them.
  void count_nullable() {
    std::vector<std::size_t> uses(hints_.size());
    std::set<std::size_t>
        places;  // the tree has the row of `(a, b) = ($1, $2)` once for each column
    for (const Json parameter : tree_.find_all("ParamRef")) {
      const std::int64_t number = parameter["number"].integer().value_or(0);
      if (number >= 1 && std::cmp_less_equal(number, uses.size()) &&
          places.insert(location_of(parameter)).second) {
        ++uses[static_cast<std::size_t>(number - 1)];
      }
    }
    for (std::size_t i = 0; i < hints_.size(); ++i) {
      hints_[i].nullable = uses[i] != 0 && uses[i] == into_nullable_[i];
    }
  }

  const ParseTree& tree_;
  const Catalog& catalog_;
  std::vector<std::pair<std::string, std::uint32_t>> ranges_;  // alias and table
  std::vector<ParameterHint> hints_;
  std::vector<Source> sources_;
  std::vector<std::size_t> into_nullable_;  // times it is put into a column that may be NULL
};

}  // namespace

std::vector<ParameterHint> parameter_hints(const ParseTree& tree, const Catalog& catalog,
                                           std::size_t count) {
  return HintReader(tree, catalog, count).run();
}

}  // namespace loci::sqlgen
