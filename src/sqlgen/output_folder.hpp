#pragma once
#include "sqlgen/emitter.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// How a folder differs from what would be generated into it, one line a file: `... differs`, `...
/// is missing`, `... is left over`. Writes nothing. Left over is what bears the mark of generated
/// files and is not generated any more; other files in the folder are nobody's business here.
[[nodiscard]] std::vector<std::string> differences(const std::filesystem::path& folder,
                                                   const std::vector<EmittedFile>& files);

/// Makes the folder hold exactly these generated files: writes what differs, removes what is left
/// over, leaves the rest untouched. Errors: Error{io}.
void write(const std::filesystem::path& folder, const std::vector<EmittedFile>& files);

}  // namespace loci::sqlgen
