#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/server_tree.hpp"

namespace loci::sqlgen {

/// Whether a statement may share a connection with those of other callers: one SELECT that locks
/// nothing, writes nothing, calls nothing but PostgreSQL's own functions (or those of extensions
/// known to be harmless) that neither change nor read a session, and reads tables, or views that
/// are as harmless. "True" is certain; what is not understood is not.
[[nodiscard]] bool may_share_connection(const ServerTree& statement, const Catalog& catalog);

}  // namespace loci::sqlgen
