#include "sqlgen/compile_set.hpp"

#include "sqlgen/live_schema.hpp"
#include "sqlgen/migration_text.hpp"
#include "sqlgen/one_file.hpp"
#include "sqlgen/schema_files.hpp"
#include "sqlgen/source_files.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace loci::sqlgen {
namespace {

using Files = std::set<std::filesystem::path>;

/// The same for a file however its path is spelt.
std::filesystem::path whole(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::weakly_canonical(path, ignored);
}

Files files_of(std::span<const std::filesystem::path> paths) {
  Files files;
  for (const auto& path : paths) {
    for (const auto& file : list_sql_files(path)) files.insert(whole(file));
  }
  return files;
}

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

bool is_one_file(const QuerySet& set) {
  const Files schema = files_of(set.schema);
  return std::ranges::any_of(files_of(set.queries),
                             [&](const auto& file) { return schema.contains(file); });
}

std::vector<SourceFile> read_queries(const QuerySet& set, Diagnostics& diagnostics) {
  std::vector<SourceFile> queries;
  const Files schema = files_of(set.schema);
  for (const auto& path : set.queries) {
    for (SourceFile& file : read_sources(path, diagnostics)) {
      queries.push_back(schema.contains(whole(file.path)) ? queries_alone(file) : std::move(file));
    }
  }
  report_same_names(queries, diagnostics);
  return queries;
}

SetSources read_set(const QuerySet& set) {
  SetSources sources;
  sources.queries = read_queries(set, sources.diagnostics);
  sources.schema = read_schema(set.schema, sources.diagnostics);
  const Files queries = files_of(set.queries);
  for (SourceFile& file : sources.schema) {
    if (queries.contains(whole(file.path))) file = schema_alone(file);
  }
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
