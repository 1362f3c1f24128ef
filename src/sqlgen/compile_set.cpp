#include "sqlgen/compile_set.hpp"

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

SetSources read_set(const QuerySet& set) {
  SetSources sources;
  for (const auto& path : set.queries) {
    for (SourceFile& file : read_sources(path, sources.diagnostics)) {
      sources.queries.push_back(std::move(file));
    }
  }
  report_same_names(sources.queries, sources.diagnostics);
  sources.schema = read_schema(set.schema, sources.diagnostics);
  return sources;
}

CompiledSet compile_set(const QuerySet& set, SetSources sources) {
  CompiledSet compiled;
  compiled.diagnostics = std::move(sources.diagnostics);
  compiled.database = set.schema.empty()
                          ? std::make_unique<SchemaDatabase>(set.database_uri)
                          : std::make_unique<SchemaDatabase>(sources.schema, compiled.diagnostics);
  // Against half a schema, every other message would be about what is missing in it.
  if (!compiled.database->complete()) return compiled;
  compiled.catalog = compiled.database->catalog();
  compiled.files = compile(std::move(sources.queries), compiled.catalog, *compiled.database,
                           compiled.diagnostics);
  return compiled;
}

}  // namespace loci::sqlgen
