#pragma once
#include "sqlgen/compiler.hpp"
#include "sqlgen/config/config.hpp"
#include "sqlgen/schema_database.hpp"

#include <memory>
#include <vector>

namespace loci::sqlgen {

/// The files of a query set, read once.
struct SetSources {
  std::vector<SourceFile> schema;
  std::vector<SourceFile> queries;
  Diagnostics diagnostics;
};

/// Whether some file holds schema and queries of the set. Errors: io.
[[nodiscard]] bool is_one_file(const QuerySet& set);

/// The query files of a set alone. Errors: io.
[[nodiscard]] std::vector<SourceFile> read_queries(const QuerySet& set, Diagnostics& diagnostics);

/// Reads all files of a set. Faults are in what is returned: text that is no UTF-8, two files of
/// one name. Errors: io, configuration (a folder without SQL).
[[nodiscard]] SetSources read_set(const QuerySet& set);

/// Queries with all that the server says of them.
struct CompiledSet {
  Diagnostics diagnostics;
  Catalog catalog;
  std::vector<QueryFile> files;
  std::unique_ptr<SchemaDatabase> database;  ///< What was asked; it runs as long as this lives.
};

/// Asks a private server with the set's schema about the queries.
/// Errors: configuration, io, connect; cancelled when the user interrupts.
[[nodiscard]] CompiledSet compile_set(SetSources sources);

}  // namespace loci::sqlgen
