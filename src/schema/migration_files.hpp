#pragma once
#include <loci/schema/migration.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loci::schema {

struct MigrationFile {
  std::string_view name;  ///< `0001_core.up.sql`, perhaps with its folder before it.
  std::string_view text;
};

/// The files of sql/migrations as they were when the library was built.
[[nodiscard]] std::span<const MigrationFile> built_in_files();

/// Pairs up and down files and orders them, as load_migrations() says.
/// Errors: Error{configuration} naming the file.
[[nodiscard]] std::vector<Migration> assemble(std::span<const MigrationFile> files);

}  // namespace loci::schema
