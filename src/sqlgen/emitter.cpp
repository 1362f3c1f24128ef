#include "sqlgen/emitter.hpp"

#include "sqlgen/cpp_type.hpp"
#include "sqlgen/enum_writer.hpp"
#include "sqlgen/header.hpp"
#include "sqlgen/members.hpp"
#include "sqlgen/models.hpp"
#include "sqlgen/querier_writer.hpp"
#include "sqlgen/struct_writer.hpp"

#include <algorithm>
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

/// What several files share: the enums, and the structs of composite types and of tables.
class Shared {
public:
  Shared(const std::vector<QueryFile>& files, const CppTypes& types, Models& models)
      : types_(types), models_(models) {
    for (const QueryFile& file : files) {
      for (const Query& query : file.queries) add(query);
    }
    for (const auto type : found_ | std::views::values) {
      if (is_enum(type)) add_own(type);
    }
    for (const auto type : found_ | std::views::values) add_own(type);
    const auto keys = tables_ | std::views::keys;
    models_.name(std::vector<std::uint32_t>(keys.begin(), keys.end()));
  }

  [[nodiscard]] bool empty() const noexcept { return tables_.empty() && own_types_.empty(); }

  [[nodiscard]] EmittedFile emit(const std::string& name_space) const {
    Header header("models.hpp");
    for (const std::uint32_t type : own_types_) {
      header.gap();
      if (is_enum(type)) {
        write_enum(header, type, types_);
      } else {
        write_composite(header, type, types_, models_);
      }
    }
    for (const auto& [name, table] : models_.in_order()) {
      header.gap();
      const Table& used = tables_.at(table);
      write_model(header, table, used.columns, used.embedded, types_, models_);
    }
    return {"models.hpp", header.finish(made_from(), name_space + "::models")};
  }

private:
  struct Table {
    std::vector<Column> columns;
    bool embedded = false;
  };

  void add(const Query& query) {
    for (const Parameter& parameter : query.parameters) {
      find_own(types_.find(parameter.type, elements_of(parameter),
                           {parameter.table, parameter.table_column}));
    }
    for (const Column& column : query.columns) {
      find_own(types_.find(column.type, in_results, {column.table, column.table_column}));
    }
    if (const std::uint32_t table = models_.table_of(query)) {
      tables_.try_emplace(table, query.columns, false);
    }
    for (const Embed& embed : query.embeds) {
      tables_.try_emplace(embed.table, own_columns(query, embed)).first->second.embedded = true;
    }
  }

  bool is_enum(std::uint32_t type) const {
    return types_.catalog().type(type)->kind == TypeFacts::Kind::enumeration;
  }

  void find_own(const std::optional<CppType>& type) {
    const std::uint32_t oid = !type ? 0 : type->enumeration + type->composite;  // one of them is 0
    if (oid != 0) found_.emplace(*types_.names().find(oid), oid);
  }

  /// A composite comes behind what it holds.
  void add_own(std::uint32_t type) {
    for (const TypeFacts::Field& field : types_.catalog().type(type)->fields) {
      const CppType held = types_.find(field.type, in_results).value();
      if (held.enumeration + held.composite != 0) add_own(held.enumeration + held.composite);
    }
    if (!std::ranges::contains(own_types_, type)) own_types_.push_back(type);
  }

  std::string made_from() const {
    const bool enums = std::ranges::any_of(own_types_, [this](auto type) { return is_enum(type); });
    const bool composites =
        !std::ranges::all_of(own_types_, [this](auto type) { return is_enum(type); });
    std::vector<std::string> kinds;
    if (!tables_.empty()) kinds.emplace_back("tables");
    if (composites) kinds.emplace_back("composite types");
    if (enums) kinds.emplace_back("enums");
    std::string all = "the " + kinds.front();
    for (std::size_t i = 1; i < kinds.size(); ++i) {
      all += (i + 1 == kinds.size() ? " and " : ", ") + kinds[i];
    }
    return all + " of the schema";
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
  std::map<std::string, std::uint32_t> found_;  // by their C++ names: OIDs differ from run to run
  std::vector<std::uint32_t> own_types_;        // enums and composites, in the order of the header
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
