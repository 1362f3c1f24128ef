#include "sqlgen/soundness/table_shapes.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

namespace loci::sqlgen {
namespace {

/// Tables of the user, not of an extension, and none that is a partition.
constexpr std::string_view tables_sql = R"sql(
select c.oid::text, quote_ident(n.nspname) || '.' || quote_ident(c.relname), (c.relkind = 'p')::text,
       c.relforcerowsecurity::text,
       concat_ws(' ',
         (select string_agg(pg_get_constraintdef(k.oid), ' ')
            from pg_constraint k
           where k.contype = 'c'
             and (k.conrelid = c.oid
                  or k.contypid in (select a.atttypid from pg_attribute a where a.attrelid = c.oid))),
         (select string_agg(pg_get_expr(d.adbin, d.adrelid), ' ')
            from pg_attrdef d where d.adrelid = c.oid),
         (select string_agg(pg_get_expr(part.relpartbound, part.oid), ' ')
            from pg_partition_tree(c.oid) tree join pg_class part on part.oid = tree.relid))
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
   and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
   and not exists (select from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
 order by c.oid
)sql";

constexpr std::string_view columns_sql = R"sql(
select a.attrelid::text, a.attnum::text, quote_ident(a.attname), a.atttypid::oid::text,
       format_type(a.atttypid, a.atttypmod), (not a.attnotnull and not t.typnotnull)::text,
       (a.attgenerated <> '')::text,
       (select string_agg('(' || pg_get_expr(k.conbin, k.conrelid) || ')', ' and ')
          from pg_constraint k
         where k.contype = 'c' and k.conrelid = a.attrelid and k.conkey = array[a.attnum])
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  join pg_class c on c.oid = a.attrelid
 where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
 order by a.attrelid, a.attnum
)sql";

constexpr std::string_view foreign_keys_sql = R"sql(
select conrelid::text, confrelid::text, array_to_string(conkey, ','), array_to_string(confkey, ',')
  from pg_constraint
 where contype = 'f' and conparentid = 0
 order by oid
)sql";

template <class Number>
Number number_of(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "1,3" as places in the list of columns.
std::vector<std::size_t> places_of(const std::string& numbers, const TableShape& table) {
  std::vector<std::size_t> places;
  for (std::size_t begin = 0; begin <= numbers.size();) {
    const std::size_t end = std::min(numbers.find(',', begin), numbers.size());
    const int number = number_of<int>(std::string_view(numbers).substr(begin, end - begin));
    const auto column = std::ranges::find(table.columns, number, &TableShape::Column::number);
    places.push_back(static_cast<std::size_t>(column - table.columns.begin()));
    begin = end + 1;
  }
  return places;
}

struct Reference {
  std::uint32_t from;
  std::uint32_t to;
  std::string columns;
  std::string target_columns;
};

/// Each table after those it refers to; in a circle, the one that was made first goes first.
void sort_by_reference(std::vector<TableShape>& tables, const std::vector<Reference>& references) {
  std::vector<TableShape> sorted;
  while (!tables.empty()) {
    const auto is_waiting = [&](std::uint32_t oid) {
      return std::ranges::contains(tables, oid, &TableShape::oid);
    };
    const auto is_ready = [&](const TableShape& table) {
      return std::ranges::none_of(references, [&](const Reference& reference) {
        return reference.from == table.oid && reference.to != table.oid && is_waiting(reference.to);
      });
    };
    auto next = std::ranges::find_if(tables, is_ready);
    if (next == tables.end()) next = tables.begin();
    sorted.push_back(std::move(*next));
    tables.erase(next);
  }
  tables = std::move(sorted);
}

}  // namespace

std::vector<TableShape> read_table_shapes(TextSession& session) {
  std::vector<TableShape> tables;
  for (TextRow& row : session.rows(std::string(tables_sql))) {
    tables.push_back({.oid = number_of<std::uint32_t>(*row[0]),
                      .name = std::move(*row[1]),
                      .partitioned = row[2] == "true",
                      .hides_from_owner = row[3] == "true",
                      .columns = {},
                      .foreign_keys = {},
                      .conditions = row[4].value_or("")});
  }
  std::vector<Reference> references;
  for (TextRow& row : session.rows(std::string(foreign_keys_sql))) {
    references.push_back({number_of<std::uint32_t>(*row[0]), number_of<std::uint32_t>(*row[1]),
                          std::move(*row[2]), std::move(*row[3])});
  }
  sort_by_reference(tables, references);

  std::map<std::uint32_t, std::size_t> places;
  for (std::size_t i = 0; i < tables.size(); ++i) places[tables[i].oid] = i;
  for (TextRow& row : session.rows(std::string(columns_sql))) {
    const auto table = places.find(number_of<std::uint32_t>(*row[0]));
    if (table == places.end()) continue;
    tables[table->second].columns.push_back({.number = number_of<int>(*row[1]),
                                             .name = std::move(*row[2]),
                                             .type = number_of<std::uint32_t>(*row[3]),
                                             .type_text = std::move(*row[4]),
                                             .nullable = row[5] == "true",
                                             .generated = row[6] == "true",
                                             .condition = row[7].value_or("")});
  }
  for (const Reference& reference : references) {
    const auto from = places.find(reference.from);
    const auto to = places.find(reference.to);
    if (from == places.end() || to == places.end()) continue;
    TableShape& table = tables[from->second];
    table.foreign_keys.push_back({to->second, places_of(reference.columns, table),
                                  places_of(reference.target_columns, tables[to->second])});
  }
  return tables;
}

}  // namespace loci::sqlgen
