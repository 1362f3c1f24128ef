#include "sqlgen/compile_set.hpp"

#include "sqlgen/live_schema.hpp"
#include "sqlgen/migration_text.hpp"
#include "sqlgen/schema_files.hpp"
#include "sqlgen/source_files.hpp"

#include <map>
#include <utility>

namespace loci::sqlgen {
namespace {

/// Each query file gives a header of its name.
void report_same_names(const std::vector<SourceFile>& files, Diagnostics& diagnostics) {
  std::map<std::string, std::string> paths;
  for (const SourceFile& file : files) {
    const auto [known, is_new] = paths.try_emplace(file.name, file.path);
    if (is_new) continue;
    diagnostics.add(file, 0,
                    "its header would be that of " + known->second + "; call it otherwise");
  }
}

}  // namespace

std::vector<SourceFile> read_queries(const QuerySet& set, Diagnostics& diagnostics) {
  std::vector<SourceFile> queries;
  for (const auto& path : set.queries) {
    for (SourceFile& file : read_sources(path, diagnostics)) queries.push_back(std::move(file));
  }
  report_same_names(queries, diagnostics);
  return queries;
}

SetSources read_set(const QuerySet& set) {
  SetSources sources;
  sources.queries = read_queries(set, sources.diagnostics);
  sources.schema = read_schema(set.schema, sources.diagnostics);
  if (set.schema.empty()) {
    sources.schema.push_back(for_server(read_live_schema(set.database_uri), sources.diagnostics));
  }
  return sources;
}

CompiledSet compile_set(SetSources sources) {
  CompiledSet compiled;
  compiled.diagnostics = std::move(sources.diagnostics);
  compiled.database = std::make_unique<SchemaDatabase>(sources.schema, compiled.diagnostics);
  // Against half a schema, every other message would be about what is missing in it.
  if (!compiled.database->complete()) return compiled;
  compiled.catalog = compiled.database->catalog();
  compiled.files = compile(std::move(sources.queries), compiled.catalog, *compiled.database,
                           compiled.diagnostics);
  return compiled;
}

}  // namespace loci::sqlgen
