#pragma once
#include "sqlgen/diagnostic.hpp"

#include <functional>
#include <span>
#include <string>

namespace loci::sqlgen {

/// Runs SQL on one session, several statements at a time. Errors: Error{server} and whatever ends
/// the work.
using RunSql = std::function<void(const std::string& sql)>;

/// Applies the files of a schema in their order, each in a transaction as the migration tools do
/// it; a statement that cannot be in one (`create index concurrently`), or a file's own COMMIT,
/// ends it there. Roles that the schema names and the server lacks are made, since a schema's roles
/// live outside of it. Settings last to the end of their file.
///
/// False when the server refuses something: it is reported at its place, and the rest left alone.
/// Errors: what `run` throws that is not the server refusing a statement.
[[nodiscard]] bool apply_schema(std::span<const SourceFile> files, const RunSql& run,
                                Diagnostics& diagnostics);

}  // namespace loci::sqlgen
