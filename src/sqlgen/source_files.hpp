#pragma once
#include "sqlgen/diagnostic.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace loci::sqlgen {

/// `2_b` before `10_a`: runs of digits compare as numbers, the rest byte by byte. A strict order:
/// names that differ in leading zeros alone compare as text.
[[nodiscard]] bool naturally_before(std::string_view a, std::string_view b) noexcept;

/// The file itself, or the `.sql` files directly in the folder, in the natural order of their
/// names. Errors: Error{io} when there is no such path.
[[nodiscard]] std::vector<std::filesystem::path> list_sql_files(const std::filesystem::path& path);

/// Reads a `.sql` file, or those of a folder as list_sql_files() gives them. Bytes that are no
/// UTF-8 text are reported, and the file left out. Errors: Error{io} when a path cannot be read.
[[nodiscard]] std::vector<SourceFile> read_sources(const std::filesystem::path& path,
                                                   Diagnostics& diagnostics);

}  // namespace loci::sqlgen
