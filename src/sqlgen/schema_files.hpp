#pragma once
#include "sqlgen/diagnostic.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace loci::sqlgen {

/// The schema's files in the order in which they are applied, each as for_server() gives it: path
/// by path, each as list_sql_files() gives it. So folders of goose, golang-migrate, tern, dbmate,
/// sql-migrate, atlas and Loci can be read as they are. Faults are reported.
///
/// Errors: Error{io} when a path cannot be read; Error{configuration} when one holds no SQL file.
[[nodiscard]] std::vector<SourceFile> read_schema(std::span<const std::filesystem::path> paths,
                                                  Diagnostics& diagnostics);

}  // namespace loci::sqlgen
