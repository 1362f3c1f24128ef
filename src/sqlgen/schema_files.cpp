#include "sqlgen/schema_files.hpp"

#include "sqlgen/migration_text.hpp"
#include "sqlgen/source_files.hpp"

#include <loci/base/error.hpp>

#include <utility>

namespace loci::sqlgen {

std::vector<SourceFile> read_schema(std::span<const std::filesystem::path> paths,
                                    Diagnostics& diagnostics) {
  std::vector<SourceFile> files;
  for (const std::filesystem::path& path : paths) {
    std::vector<SourceFile> found = read_sources(path, diagnostics);
    if (!is_regular_file(path)) {
      std::erase_if(found, [](const SourceFile& file) { return file.name.ends_with(".down.sql"); });
    }
    if (found.empty() && diagnostics.empty()) {
      throw Error(ErrorKind::configuration, path.string() + " holds no .sql file");
    }
    for (const SourceFile& file : found) files.push_back(for_server(file, diagnostics));
  }
  return files;
}

}  // namespace loci::sqlgen
