#pragma once
#include "sqlgen/emitter.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// A file of a folder that is not what would be generated.
struct Difference {
  std::filesystem::path path;
  std::optional<std::string> present;  ///< nullopt: it is missing.
  std::optional<std::string> wanted;   ///< nullopt: it is left over.
};

/// `path differs`, `path is missing` or `path is left over`.
[[nodiscard]] std::string to_line(const Difference& difference);

/// The headers in a folder that bear the mark of generated files, in order of their names. Other
/// files in the folder are nobody's business here.
[[nodiscard]] std::vector<std::filesystem::path> generated_files(
    const std::filesystem::path& folder);

/// The bytes of a file; nullopt: there is none, or it cannot be read.
[[nodiscard]] std::optional<std::string> content_of(const std::filesystem::path& path);

/// How a folder differs from what would be generated into it. Writes nothing. Left over is what
/// bears the mark and is not generated any more.
[[nodiscard]] std::vector<Difference> differences(const std::filesystem::path& folder,
                                                  const std::vector<EmittedFile>& files);

/// Makes the folder hold exactly these generated files: writes what differs, removes what is left
/// over, leaves the rest untouched. Errors: Error{io}.
void write(const std::filesystem::path& folder, const std::vector<EmittedFile>& files);

}  // namespace loci::sqlgen
