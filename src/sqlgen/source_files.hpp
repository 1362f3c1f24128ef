#pragma once
#include "sqlgen/diagnostic.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace loci::sqlgen {

/// `2_b` before `10_a`: runs of digits compare as numbers, the rest byte by byte. A strict order:
/// names that differ in leading zeros alone compare as text.
[[nodiscard]] bool naturally_before(std::string_view a, std::string_view b) noexcept;

/// Whether the path is a pattern of file names (`*`, `?`, `[a-z]`) and no file of such a name.
[[nodiscard]] bool is_pattern(const std::filesystem::path& path);

/// Whether a folder's file of that name is taken: a `.sql` file that is neither hidden nor the down
/// part of a migration.
[[nodiscard]] bool is_sql_file(const std::filesystem::path& path);

/// The files and folders that a pattern matches, in natural order; of any other path the path
/// itself, whether there is such a file or not. A `*` matches no `/`, and nothing hidden.
[[nodiscard]] std::vector<std::filesystem::path> matches_of(const std::filesystem::path& path);

/// The file itself, or the `.sql` files directly in the folder, in the natural order of their
/// names; of a pattern, those of all that it matches. A `*.down.sql` is left out even when it is
/// named. Errors: Error{io} when there is no such path.
[[nodiscard]] std::vector<std::filesystem::path> list_sql_files(const std::filesystem::path& path);

/// Reads the files that list_sql_files() gives. Bytes that are no UTF-8 text are reported, and the
/// file left out. Errors: Error{io} when a path cannot be read.
[[nodiscard]] std::vector<SourceFile> read_sources(const std::filesystem::path& path,
                                                   Diagnostics& diagnostics);

}  // namespace loci::sqlgen
