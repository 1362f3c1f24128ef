#include <gmock/gmock.h>

#include <array>
#include <filesystem>

#include "sqlgen/compiler.hpp"
#include "sqlgen/schema_database.hpp"
#include "sqlgen/schema_files.hpp"
#include "sqlgen/source_files.hpp"
#include "sqlgen/vet/vet.hpp"
#include "support/test_server.hpp"

namespace loci::sqlgen::harness {
namespace {

using testing::IsEmpty;

/// Loci's own queries, on rows made for its own schema.
TEST(OwnQueries, KeepTheirPromises) {
  const std::filesystem::path sql = std::filesystem::path(LOCI_SOURCE_DIR) / "sql";
  const std::string conninfo = loci::test::TestServer::instance().fresh_database();
  Diagnostics diagnostics;
  SchemaDatabase database(read_schema(std::array{sql / "migrations"}, diagnostics), diagnostics,
                          conninfo);
  const Catalog catalog = database.catalog();
  const auto files =
      compile(read_sources(sql / "queries", diagnostics), catalog, database, diagnostics);
  ASSERT_THAT(diagnostics.all(), IsEmpty());

  const VetReport report = vet(files, catalog, conninfo, {.rules = {"sound-nullability"}});
  for (const Finding& finding : report.findings) ADD_FAILURE() << to_line(finding.diagnostic);
  // A partition of embeddings is made for each model, by a function; which columns an index of
  // vectors has depends on its kind.
  EXPECT_THAT(report.notes,
              testing::Each(testing::AnyOf(testing::HasSubstr("public.embeddings: no partition"),
                                           testing::HasSubstr("public.vector_indexes"))));
}

}  // namespace
}  // namespace loci::sqlgen::harness
