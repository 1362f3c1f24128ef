#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/diagnostic.hpp"
#include "sqlgen/emit_options.hpp"
#include "sqlgen/query.hpp"

#include <string>
#include <vector>

namespace loci::sqlgen {

/// The queries of one source file.
struct QueryFile {
  SourceFile source;
  std::vector<Query> queries;
};

struct EmittedFile {
  std::string name;  ///< `conversations.hpp`
  std::string text;
};

/// Whether all types of these queries have a C++ side. What has none is reported, with a remedy.
void check_cpp_types(const std::vector<QueryFile>& files, const Catalog& catalog,
                     const EmitOptions& options, Diagnostics& diagnostics);

/// One header for each file that has queries, `models.hpp` when a query returns whole tables or
/// speaks of enums, and `querier.hpp` when that is wanted. The same input gives the same bytes.
/// Preconditions: check_cpp_types() found nothing.
[[nodiscard]] std::vector<EmittedFile> emit(const std::vector<QueryFile>& files,
                                            const Catalog& catalog, const EmitOptions& options);

}  // namespace loci::sqlgen
