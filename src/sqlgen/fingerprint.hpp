#pragma once
#include "sqlgen/compile_set.hpp"

#include <filesystem>
#include <string>

/// Whether a run can be spared: nothing that it depends on has changed since one that went well.
namespace loci::sqlgen {

/// A hash of all that generated code depends on, and of the code itself as it lies in `set.out`:
/// this very program, the PostgreSQL it would start with its extensions, the settings, the SQL.
/// Empty when that cannot be told: when the schema is a live database's.
[[nodiscard]] std::string fingerprint(const QuerySet& set, const SetSources& sources,
                                      bool every_header);

/// Whether remember() was told this last of this output folder.
[[nodiscard]] bool is_remembered(const std::filesystem::path& out, const std::string& fingerprint);

/// Keeps it in `$XDG_CACHE_HOME/loci-sqlgen` or `~/.cache/loci-sqlgen`; where that cannot be, the
/// next run merely takes its time.
void remember(const std::filesystem::path& out, const std::string& fingerprint);

}  // namespace loci::sqlgen
