#pragma once
#include "sqlgen/compiler.hpp"
#include "sqlgen/schema_database.hpp"

#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/test_server.hpp"

namespace loci::sqlgen::harness {

/// A schema in a database of its own on the tests' server, and queries compiled against it.
class CompiledQueries {
public:
  CompiledQueries(std::string schema, std::string queries)
      : conninfo_(loci::test::TestServer::instance().fresh_database()),
        database_(std::array{SourceFile{"schema.sql", "schema.sql", std::move(schema)}},
                  diagnostics_, conninfo_),
        catalog_(database_.catalog()),
        files_(compile({{"queries.sql", "queries.sql", std::move(queries)}}, catalog_, database_,
                       diagnostics_)) {
    if (!diagnostics_.empty()) throw std::runtime_error(to_line(diagnostics_.all().front()));
  }

  [[nodiscard]] const std::string& conninfo() const { return conninfo_; }
  [[nodiscard]] const Catalog& catalog() const { return catalog_; }
  [[nodiscard]] std::vector<QueryFile>& files() { return files_; }
  [[nodiscard]] Query& query(std::size_t i = 0) { return files_.front().queries.at(i); }

private:
  std::string conninfo_;
  Diagnostics diagnostics_;
  SchemaDatabase database_;
  Catalog catalog_;
  std::vector<QueryFile> files_;
};

}  // namespace loci::sqlgen::harness
