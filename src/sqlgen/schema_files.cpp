#include "sqlgen/schema_files.hpp"

#include "sqlgen/migration_text.hpp"
#include "sqlgen/source_files.hpp"

#include <loci/base/error.hpp>

#include <utility>

namespace loci::sqlgen {

std::vector<SourceFile> read_schema(std::span<const std::filesystem::path> paths,
                                    Diagnostics& diagnostics) {
  std::vector<SourceFile> files;
  const auto refuse_empty = [&](const std::filesystem::path& path) {
    if (diagnostics.empty()) {
      throw Error(ErrorKind::configuration, path.string() + " holds no .sql file of a schema");
    }
  };
  for (const std::filesystem::path& path : paths) {
    const std::vector<SourceFile> found = read_sources(path, diagnostics);
    // A down part that is named is left out like any other.
    if (found.empty() && !is_regular_file(path)) refuse_empty(path);
    for (const SourceFile& file : found) files.push_back(for_server(file, diagnostics));
  }
  if (files.empty() && !paths.empty()) refuse_empty(paths.front());
  return files;
}

}  // namespace loci::sqlgen
