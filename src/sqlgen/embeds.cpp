#include "sqlgen/embeds.hpp"

#include "sqlgen/parse_tree.hpp"
#include "sqlgen/sql_names.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace loci::sqlgen {
namespace {

/// The tables that the outermost FROM names, by alias; nullopt for what is no table.
using Sources = std::map<std::string, std::optional<std::uint32_t>>;

class SourceReader {
public:
  SourceReader(const ParseNode& statement, const Catalog& catalog) : catalog_(catalog) {
    for (const Json cte : statement.fields["withClause"]["ctes"]) {
      ctes_.push_back(node_of(cte).fields["ctename"].string_or(""));
    }
    table(statement.fields["relation"]);
    for (const char* clause : {"fromClause", "usingClause"}) {
      for (const Json item : statement.fields[clause]) read(node_of(item));
    }
  }
  Sources take() { return std::move(sources_); }

private:
  void read(const ParseNode& item) {
    if (item.kind == "RangeVar") return table(item.fields);
    const std::string alias = item.fields["alias"]["aliasname"].string_or("");
    if (item.kind == "JoinExpr") {
      if (!alias.empty()) return add(alias, std::nullopt);  // hides what is within it
      read(node_of(item.fields["larg"]));
      read(node_of(item.fields["rarg"]));
    } else {
      add(alias, std::nullopt);
    }
  }

  void table(Json relation) {
    if (!relation.exists()) return;
    const std::string name = relation["relname"].string_or("");
    const std::string schema = relation["schemaname"].string_or("");
    const std::string alias = relation["alias"]["aliasname"].string_or(name);
    const bool is_cte = schema.empty() && std::ranges::contains(ctes_, name);
    const std::uint32_t oid = is_cte ? 0 : catalog_.table_named(schema, name);
    add(alias, oid != 0 ? std::optional(oid) : std::nullopt);
  }

  void add(const std::string& name, std::optional<std::uint32_t> table) {
    sources_.try_emplace(name, table);
  }

  const Catalog& catalog_;
  std::vector<std::string> ctes_;
  Sources sources_;
};

/// The last name of a column reference is `*`.
bool is_star(const ParseNode& value) {
  if (value.kind != "ColumnRef") return false;
  std::string last;
  for (const Json field : value.fields["fields"]) last = node_of(field).kind;
  return last == "A_Star";
}

bool groups_by_sets(const ParseNode& statement) {
  return std::ranges::any_of(statement.fields["groupClause"],
                             [](Json item) { return node_of(item).kind == "GroupingSet"; });
}

std::string columns_of(const TableFacts& table, const std::string& written) {
  std::string text;
  for (const TableColumn& column : table.columns) {
    text += (text.empty() ? "" : ", ") + written + "." + after_dot(column.name);
  }
  return text;
}

/// Puts `text` in place of `length` bytes; what stands behind moves along.
void replace(RewrittenSql& rewritten, std::size_t begin, std::size_t length,
             const std::string& text) {
  rewritten.sql.replace(begin, length, text);
  for (RewrittenSql::Piece& piece : rewritten.pieces) {
    if (piece.begin > begin) piece.begin += text.size() - length;
  }
}

}  // namespace

std::expected<Embeds, EmbedFault> Embeds::expand(RewrittenSql& rewritten, const Catalog& catalog) {
  Embeds embeds;
  if (rewritten.embeds.empty()) return embeds;
  const auto tree = ParseTree::parse(rewritten.sql);
  if (!tree) {
    return std::unexpected(
        EmbedFault{rewritten.source_of_character(tree.error().position), tree.error().message});
  }
  const ParseNode statement = tree->statement();
  if (groups_by_sets(statement)) {
    return std::unexpected(EmbedFault{
        rewritten.embeds.front().offset,
        "sqlc.embed() and grouping sets: a row that leaves out columns is no row of a table"});
  }
  Sources sources = SourceReader(statement, catalog).take();
  const Json list =
      statement.fields[statement.kind == "SelectStmt" ? "targetList" : "returningList"];
  auto use = rewritten.embeds.begin();
  std::vector<const EmbedUse*> uses;
  bool star = false;
  for (const Json item : list) {
    const ParseNode value = node_of(node_of(item).fields["val"]);
    if (use != rewritten.embeds.end() && is_star(value) &&
        location_of(value.fields) == use->begin) {
      const std::optional<std::uint32_t> table = sources[use->name];
      if (!table) {
        return std::unexpected(EmbedFault{
            use->offset, "sqlc.embed(" + use->name + ") names no table or view of this FROM"});
      }
      const std::size_t columns = catalog.table(*table)->columns.size();
      if (node_of(item).fields["name"].exists()) {
        return std::unexpected(EmbedFault{
            use->offset,
            "to call sqlc.embed(" + use->name + ") otherwise, write AS before the name"});
      }
      embeds.found_.push_back({use->name, use->alias, *table, columns, embeds.counted_, star});
      embeds.counted_ += columns;
      uses.push_back(&*use);
      ++use;
    } else if (is_star(value)) {
      if (star) {
        return std::unexpected(EmbedFault{
            rewritten.embeds.front().offset,
            "beside sqlc.embed() at most one `*` may stand; write out the columns of the others"});
      }
      star = true;
    } else {
      ++embeds.counted_;
    }
  }
  if (use != rewritten.embeds.end()) {
    return std::unexpected(EmbedFault{
        use->offset, "sqlc.embed(" + use->name +
                         ") must stand by itself in the select list or RETURNING of the outermost "
                         "statement, and not in one of a UNION's parts"});
  }
  for (std::size_t i = uses.size(); i > 0; --i) {
    const EmbedUse& each = *uses[i - 1];
    replace(rewritten, each.begin, each.written.size() + 2,
            columns_of(*catalog.table(embeds.found_[i - 1].table), each.written));
  }
  return embeds;
}

void Embeds::place(Query& query, const Catalog& catalog) const {
  for (const Found& found : found_) {
    const std::size_t star = query.columns.size() - counted_;
    Embed embed{.name = found.alias.empty() ? found.name : found.alias,
                .renamed = !found.alias.empty(),
                .table = found.table,
                .first = found.items_before + (found.after_star ? star : 0),
                .count = found.columns};
    const TableFacts& table = *catalog.table(found.table);
    for (std::size_t i = embed.first + embed.count; i > embed.first; --i) {
      Column& column = query.columns[i - 1];
      column.embed = embed.name;
      const TableColumn* own = table.column(column.table_column);
      if (own == nullptr || !own->not_null) continue;
      embed.witness = i - 1;
      embed.nullable = embed.nullable || column.nullable;
    }
    query.embeds.push_back(std::move(embed));
  }
}

}  // namespace loci::sqlgen
