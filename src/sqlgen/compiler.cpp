#include "sqlgen/compiler.hpp"

#include "sqlgen/cpp_names.hpp"

#include <loci/base/json_writer.hpp>

#include <map>
#include <utility>

namespace loci::sqlgen {
namespace {

/// Refuses a name that another query has already.
class QueryNames {
public:
  bool add(const SourceFile& source, const QueryText& query, Diagnostics& diagnostics) {
    const schema::TextPosition at = schema::position_at(source.text, query.offset);
    const std::string place = source.path + ":" + std::to_string(at.line);
    const std::string type = camel_case(query.name);
    const auto [known, is_new] = known_.try_emplace(type, query.name, place);
    const auto& [name, other] = known->second;
    if (is_new) return true;
    diagnostics.add(source, query.offset,
                    name == query.name
                        ? name + " is already the name of the query at " + other
                        : query.name + " would be the struct " + type + ", as " + name + " at " +
                              other + " is; call one of them otherwise");
    return false;
  }

private:
  std::map<std::string, std::pair<std::string, std::string>> known_;  // names and places, by struct
};

}  // namespace

std::vector<QueryFile> compile(std::vector<SourceFile> sources, const Catalog& catalog,
                               Describer& describer, Diagnostics& diagnostics) {
  QueryNames names;
  std::vector<QueryFile> files;
  for (SourceFile& source : sources) {
    if (source.name == "models.sql") {
      diagnostics.add(source, 0,
                      "models.hpp is the file of the tables' structs; call this one otherwise");
      continue;
    }
    QueryFile file{std::move(source), {}};
    for (const QueryText& text : parse_queries(file.source, diagnostics)) {
      if (!names.add(file.source, text, diagnostics)) continue;
      auto query = analyse(file.source, text, catalog, describer, diagnostics);
      if (query) file.queries.push_back(std::move(*query));
    }
    files.push_back(std::move(file));
  }
  return files;
}

std::string to_json(const std::vector<QueryFile>& files, const Catalog& catalog) {
  JsonWriter out;
  const auto typed = [&](const auto& list) {
    out.array();
    for (const auto& item : list) {
      out.object().member("name").value(item.name);
      out.member("type").value(catalog.type_name(item.type));
      out.member("nullable").value(item.nullable);
      if constexpr (requires { item.embed; }) {
        if (!item.embed.empty()) out.member("embed").value(item.embed);
      }
      out.close();
    }
    out.close();
  };
  out.object().member("queries").array();
  for (const QueryFile& file : files) {
    for (const Query& query : file.queries) {
      out.object().member("name").value(query.name);
      out.member("cmd").value(":" + std::string(to_string(query.command)));
      out.member("params");
      typed(query.parameters);
      out.member("columns");
      typed(query.columns);
      out.close();
    }
  }
  out.close().close();
  return std::move(out).text();
}

std::string to_json(const Diagnostics& diagnostics) {
  JsonWriter out;
  out.object().member("errors").array();
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    out.object().member("file").value(diagnostic.file);
    out.member("line").value(diagnostic.line);
    out.member("col").value(diagnostic.column);
    out.member("message").value(diagnostic.message);
    out.member("sqlstate").value(diagnostic.sqlstate).close();
  }
  out.close().close();
  return std::move(out).text();
}

}  // namespace loci::sqlgen
