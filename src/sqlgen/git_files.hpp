#pragma once
#include "sqlgen/diagnostic.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace loci::sqlgen {

/// The SQL files that `path` held in a commit: those directly in a folder, the file itself, or what
/// the pattern matched then.
/// Reads through the `git` program, in the repository that the path is in. Their paths read
/// `ref:path`.
///
/// Errors: io when there is no git; configuration when `ref` names no commit, or nothing of the
/// kind was there.
[[nodiscard]] std::vector<SourceFile> read_sources_of_commit(const std::string& ref,
                                                             const std::filesystem::path& path);

}  // namespace loci::sqlgen
