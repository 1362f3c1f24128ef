#pragma once
#include "sqlgen/catalog.hpp"
#include "sqlgen/diagnostic.hpp"
#include "sqlgen/emitter.hpp"

#include <string>
#include <vector>

namespace loci::sqlgen {

/// Finds and analyses all queries of `sources`. Names must be unique over all files, since all
/// share a namespace. What is faulty is reported and left out.
[[nodiscard]] std::vector<QueryFile> compile(std::vector<SourceFile> sources,
                                             const Catalog& catalog, Describer& describer,
                                             Diagnostics& diagnostics);

/// `{"queries": [...]}`, types by PostgreSQL's names.
[[nodiscard]] std::string to_json(const std::vector<QueryFile>& files, const Catalog& catalog);
/// `{"errors": [...]}`.
[[nodiscard]] std::string to_json(const Diagnostics& diagnostics);

}  // namespace loci::sqlgen
