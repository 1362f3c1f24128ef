#include "sqlgen/emitter.hpp"

#include "sqlgen/cpp_type.hpp"
#include "sqlgen/enum_writer.hpp"
#include "sqlgen/header.hpp"
#include "sqlgen/members.hpp"
#include "sqlgen/models.hpp"
#include "sqlgen/querier_writer.hpp"
#include "sqlgen/struct_writer.hpp"

#include <map>
#include <ranges>
#include <set>
#include <span>
#include <utility>

namespace loci::sqlgen {
namespace {

std::string header_name(const SourceFile& source) {
  return source.name.substr(0, source.name.rfind(".sql")) + ".hpp";
}

/// What several files share: the structs of tables and the enums.
class Shared {
public:
  Shared(const std::vector<QueryFile>& files, const CppTypes& types, Models& models)
      : types_(types), models_(models) {
    for (const QueryFile& file : files) {
      for (const Query& query : file.queries) add(query);
    }
    const auto keys = tables_ | std::views::keys;
    models_.name(std::vector<std::uint32_t>(keys.begin(), keys.end()));
  }

  [[nodiscard]] bool empty() const noexcept { return tables_.empty() && enums_.empty(); }

  [[nodiscard]] EmittedFile emit(const std::string& name_space) const {
    Header header("models.hpp");
    for (const auto& [name, type] : enums_) {
      header.gap();
      write_enum(header, type, types_);
    }
    for (const auto& [name, table] : models_.in_order()) {
      header.gap();
      const Table& used = tables_.at(table);
      write_model(header, table, used.columns, used.embedded, types_, models_);
    }
    const std::string made_from = tables_.empty()  ? "the enums of the schema"
                                  : enums_.empty() ? "the tables of the schema"
                                                   : "the tables and enums of the schema";
    return {"models.hpp", header.finish(made_from, name_space + "::models")};
  }

private:
  struct Table {
    std::vector<Column> columns;
    bool embedded = false;
  };

  void add(const Query& query) {
    for (const Parameter& parameter : query.parameters) {
      add_enum(types_.find(parameter.type, elements_of(parameter),
                           {parameter.table, parameter.table_column}));
    }
    for (const Column& column : query.columns) {
      add_enum(types_.find(column.type, in_results, {column.table, column.table_column}));
    }
    if (const std::uint32_t table = models_.table_of(query)) {
      tables_.try_emplace(table, query.columns, false);
    }
    for (const Embed& embed : query.embeds) {
      tables_.try_emplace(embed.table, own_columns(query, embed)).first->second.embedded = true;
    }
  }

  void add_enum(const std::optional<CppType>& type) {
    if (!type || type->enumeration == 0) return;
    enums_.emplace(*types_.enums().find(type->enumeration), type->enumeration);
  }

  /// The embedded columns as the table itself has them, whatever a join made of them.
  Table own_columns(const Query& query, const Embed& embed) const {
    const auto columns = std::span(query.columns).subspan(embed.first, embed.count);
    Table table{{columns.begin(), columns.end()}, true};
    const TableFacts& facts = *types_.catalog().table(embed.table);
    for (Column& column : table.columns) {
      const TableColumn& own = *facts.column(column.table_column);
      column.name = own.name;
      column.nullable = !own.not_null;
    }
    return table;
  }

  const CppTypes& types_;
  Models& models_;
  std::map<std::uint32_t, Table> tables_;
  std::map<std::string, std::uint32_t> enums_;  // by their C++ names
};

EmittedFile emit_querier(const std::vector<QueryFile>& files, const CppTypes& types) {
  Header header{std::string(querier_file)};
  std::vector<const Query*> queries;
  for (const QueryFile& file : files) {
    if (!file.queries.empty()) header.needs("\"" + header_name(file.source) + "\"");
    for (const Query& query : file.queries) queries.push_back(&query);
  }
  write_querier(header, queries, types);
  return {std::string(querier_file), header.finish("all queries", types.options().name_space)};
}

}  // namespace

void check_cpp_types(const std::vector<QueryFile>& files, const Catalog& catalog,
                     const EmitOptions& options, Diagnostics& diagnostics) {
  const CppTypes types(catalog, options);
  const auto no_type = [&](const QueryFile& file, std::size_t offset, const std::string& what,
                           std::uint32_t type, const std::string& remedy) {
    diagnostics.add(file.source, offset,
                    what + " has type " + catalog.type_name(type) +
                        ", which has no C++ type yet; cast it, as in " + remedy);
  };
  for (const QueryFile& file : files) {
    if (options.emit_interface && header_name(file.source) == querier_file) {
      diagnostics.add(file.source, 0,
                      "querier.hpp is the file of all queries' interface; call this one otherwise");
    }
    for (const Query& query : file.queries) {
      for (const Parameter& parameter : query.parameters) {
        const std::string what = query.name + ": parameter @" + parameter.name;
        const TableColumnId column{parameter.table, parameter.table_column};
        if (!types.find_sent(parameter.type, elements_of(parameter), column)) {
          no_type(file, parameter.offset, what, parameter.type, "@" + parameter.name + "::text");
        } else if (query.command == Command::copyfrom && !types.can_copy(parameter.type)) {
          diagnostics.add(file.source, parameter.offset,
                          what + " has type " + catalog.type_name(parameter.type) +
                              ", which COPY cannot carry from here; use :batchexec");
        }
      }
      for (const Column& column : query.columns) {
        if (types.find(column.type, in_results, {column.table, column.table_column})) continue;
        no_type(file, query.offset, query.name + ": column " + column.name, column.type,
                column.name + "::text");
      }
    }
  }
}

std::vector<EmittedFile> emit(const std::vector<QueryFile>& files, const Catalog& catalog,
                              const EmitOptions& options) {
  const CppTypes types(catalog, options);
  Models models(types);
  const Shared shared(files, types, models);

  std::vector<EmittedFile> emitted;
  if (!shared.empty()) emitted.push_back(shared.emit(options.name_space));
  for (const QueryFile& file : files) {
    if (file.queries.empty()) continue;
    Header header(header_name(file.source));
    for (const Query& query : file.queries) {
      header.gap();
      write_query(header, query, types, models);
    }
    emitted.push_back(
        {header_name(file.source), header.finish(file.source.name, options.name_space)});
  }
  if (options.emit_interface) emitted.push_back(emit_querier(files, types));
  return emitted;
}

}  // namespace loci::sqlgen
