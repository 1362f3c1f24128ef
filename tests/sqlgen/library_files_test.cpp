#include <gmock/gmock.h>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sqlgen/compiler.hpp"
#include "sqlgen/schema_database.hpp"
#include "sqlgen/schema_files.hpp"
#include "sqlgen/source_files.hpp"

/// The code of library/, made with a real server's help and with every option: what library_test
/// runs. LOCI_UPDATE_GOLDEN=1 writes it anew.
namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

const fs::path k_folder = LOCI_SOURCE_DIR "/tests/sqlgen/library";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {(std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()};
}

const EmitOptions& options() {
  static const EmitOptions made{
      .name_space = "library",
      .overrides = {{.column = "books.id",
                     .type = "library::BookId",
                     .codec = "library::BookIdType",
                     .header = "\"sqlgen/library/book_id.hpp\""}},
      .rename = {{"past_moods", "moods_before"}, {"so so", "middling"}},
      .emit_all_enum_values = true,
      .emit_json = true,
      .emit_interface = true,
      .query_parameter_limit = 2,
  };
  return made;
}

TEST(LibraryFiles, IsGeneratedAsItStands) {
  Diagnostics diagnostics;
  SchemaDatabase database(read_schema(std::array{k_folder / "schema.sql"}, diagnostics),
                          diagnostics);
  const Catalog catalog = database.catalog();
  const auto files =
      compile(read_sources(k_folder / "queries", diagnostics), catalog, database, diagnostics);
  check_cpp_types(files, catalog, options(), diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_line(diagnostic);
  std::vector<std::string> names;
  for (const EmittedFile& file : emit(files, catalog, options())) {
    const fs::path golden = k_folder / "golden" / file.name;
    if (std::getenv("LOCI_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << file.text;
    EXPECT_EQ(file.text, read(golden)) << file.name;
    names.push_back(file.name);
  }
  EXPECT_THAT(names,
              ElementsAre("models.hpp", "authors.hpp", "books.hpp", "branches.hpp", "querier.hpp"));
}

}  // namespace
}  // namespace loci::sqlgen
