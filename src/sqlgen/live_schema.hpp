#pragma once
#include "sqlgen/diagnostic.hpp"

#include <string>

namespace loci::sqlgen {

/// The schema of a live database as SQL, without owners and grants: what `pg_dump --schema-only`
/// reads of it, in a transaction that only reads. The password is handed on where other users of
/// the machine do not see it. What pg_dump has to complain about goes to standard error.
/// Errors: connect, when it could not be read; configuration, of `uri`, without a word of it.
[[nodiscard]] SourceFile read_live_schema(const std::string& uri);

}  // namespace loci::sqlgen
