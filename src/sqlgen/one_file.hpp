#pragma once
#include "sqlgen/diagnostic.hpp"

/// A file that is schema and queries in one: the statement under a `-- name:` line is a query, all
/// others are the schema. What belongs to the other becomes spaces, so that places stay as they
/// are.
namespace loci::sqlgen {

[[nodiscard]] SourceFile schema_alone(const SourceFile& file);
[[nodiscard]] SourceFile queries_alone(const SourceFile& file);

}  // namespace loci::sqlgen
