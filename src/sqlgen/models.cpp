#include "sqlgen/models.hpp"

#include "sqlgen/cpp_names.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

namespace loci::sqlgen {

std::string Models::struct_name(const TableFacts& table, bool in_singular) const {
  const auto& rename = types_.options().rename;
  std::string name = in_singular ? singular(table.name) : table.name;
  if (table.schema != "public") name.insert(0, table.schema + "_");
  const auto renamed = rename.find(name);
  name = renamed != rename.end() ? renamed->second : camel_case(name);
  if (is_reserved_type_name(name)) name += '_';
  return name;
}

std::uint32_t Models::table_of(const Query& query) const {
  if (query.columns.empty() || !query.embeds.empty()) return 0;
  const std::uint32_t oid = query.columns.front().table;
  const TableFacts* table = catalog_.table(oid);
  const auto same = [oid](const Column& column, const TableColumn& own) {
    return column.table == oid && column.table_column == own.number && column.name == own.name &&
           column.nullable == !own.not_null;
  };
  return table != nullptr && std::ranges::equal(query.columns, table->columns, same) ? oid : 0;
}

void Models::name(std::span<const std::uint32_t> tables) {
  std::vector<std::uint32_t> used(tables.begin(), tables.end());
  const auto qualified_name = [this](std::uint32_t oid) {
    const TableFacts& table = *catalog_.table(oid);
    return std::tie(table.schema, table.name);
  };
  std::ranges::sort(used, {}, qualified_name);
  used.erase(std::ranges::unique(used).begin(), used.end());

  const bool in_singular = !types_.options().emit_exact_table_names;
  std::map<std::string, int> times;
  for (const std::uint32_t oid : used) ++times[struct_name(*catalog_.table(oid), in_singular)];
  std::set<std::string> taken;
  for (const std::uint32_t oid : used) {
    std::string name = struct_name(*catalog_.table(oid), in_singular);
    if (times[name] > 1 || types_.names().taken(name)) {
      name = struct_name(*catalog_.table(oid), false);
    }
    while (types_.names().taken(name) || !taken.insert(name).second) name += '_';
    names_[oid] = name;
  }
}

std::map<std::string, std::uint32_t> Models::in_order() const {
  std::map<std::string, std::uint32_t> tables;
  for (const auto& [oid, name] : names_) tables.emplace(name, oid);
  return tables;
}

}  // namespace loci::sqlgen
