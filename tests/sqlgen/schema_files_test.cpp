#include "sqlgen/schema_files.hpp"

#include "sqlgen/source_files.hpp"

#include <gmock/gmock.h>
#include <loci/base/error.hpp>

#include "sqlgen/scratch_folder.hpp"

namespace loci::sqlgen {
namespace {

using testing::ElementsAre;

class SchemaFiles : public testing::Test {
protected:
  std::vector<std::string> names(const std::vector<std::filesystem::path>& paths) {
    std::vector<std::string> found;
    for (const SourceFile& file : read_schema(paths, diagnostics_)) found.push_back(file.name);
    return found;
  }

  ScratchFolder folder_;
  Diagnostics diagnostics_;
};

TEST_F(SchemaFiles, ComeInTheNaturalOrderOfTheirNamesWithoutTheDownParts) {
  for (const char* name : {"10_c.up.sql", "10_c.down.sql", "9_b.up.sql", "9_b.down.sql",
                           "0001_a.up.sql", "atlas.sum", "README.md"}) {
    folder_.write(std::string("m/") + name, "select 1;");
  }
  folder_.write("types.sql", "select 1;");
  EXPECT_THAT(names({folder_ / "types.sql", folder_ / "m"}),
              ElementsAre("types.sql", "0001_a.up.sql", "9_b.up.sql", "10_c.up.sql"));
}

TEST_F(SchemaFiles, AreNeverDownPartsNorHidden) {
  for (const char* name : {"1.up.sql", "1.down.sql", ".1.up.sql"}) folder_.write(name, "select 1;");
  EXPECT_THAT(names({folder_ / "1.up.sql", folder_ / "1.down.sql"}), ElementsAre("1.up.sql"));
  EXPECT_THAT(names({folder_ / ""}), ElementsAre("1.up.sql"));
  EXPECT_THAT(names({folder_ / "*.sql"}), ElementsAre("1.up.sql"));
  EXPECT_THROW((void)names({folder_ / "1.down.sql"}), Error);
}

TEST_F(SchemaFiles, AreWhatAPatternMatches) {
  for (const char* name : {"a/migrations/1.sql", "b/migrations/10.sql", "b/migrations/9.sql",
                           "c/other/1.sql", "x1.sql", "x2.sql", "[x].sql"}) {
    folder_.write(name, "select 1;");
  }
  EXPECT_THAT(names({folder_ / "*/migrations"}), ElementsAre("1.sql", "9.sql", "10.sql"));
  EXPECT_THAT(names({folder_ / "?/migrations/[19]*.sql"}), ElementsAre("1.sql", "9.sql", "10.sql"));
  EXPECT_THAT(names({folder_ / "x?.sql"}), ElementsAre("x1.sql", "x2.sql"));
  EXPECT_THAT(names({folder_ / "[x].sql"}), ElementsAre("[x].sql")) << "a file of that very name";
  EXPECT_THROW((void)names({folder_ / "y*.sql"}), Error);
}

TEST_F(SchemaFiles, MustBeThere) {
  folder_.write("empty/1.down.sql", "");
  EXPECT_THROW((void)names({folder_ / "empty"}), Error);
  EXPECT_THROW((void)names({folder_ / "nowhere"}), Error);
}

TEST(NaturallyBefore, ComparesNumbersAsNumbers) {
  EXPECT_TRUE(naturally_before("2_b", "10_a"));
  EXPECT_TRUE(naturally_before("a", "a1"));
  EXPECT_TRUE(naturally_before("20220811074144_x", "20220811074145_a"));
  EXPECT_TRUE(naturally_before("01_a", "1_a"));
  EXPECT_FALSE(naturally_before("1_a", "01_a"));
  EXPECT_FALSE(naturally_before("1_a", "1_a"));
}

}  // namespace
}  // namespace loci::sqlgen
