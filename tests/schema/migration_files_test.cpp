#include <filesystem>

#include "schema/migration_text.hpp"
#include "schema/migrators.hpp"
#include "schema/sql_lexer.hpp"

namespace loci::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(MigrationFiles, ComeInOrderOfTheirNumbers) {
  const auto all = steps({{"0010_c.up.sql", "c"},
                          {"2_b.up.sql", "b"},
                          {"0001_a.up.sql", "a"},
                          {"0001_a.down.sql", "-a"}});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].down, "-a");
  EXPECT_EQ(all[1].name, "b");
  EXPECT_EQ(all[2].version, 10);
}

TEST(MigrationFiles, LineEndsAreNoChange) {
  const auto checksum = [](std::string_view text) {
    return steps({{"1_a.up.sql", text}})[0].checksum;
  };
  EXPECT_EQ(checksum("select 1;\r\nselect 2;\r\n"), checksum("select 1;\nselect 2;\n"));
  EXPECT_NE(checksum("select 1;"), checksum("select 2;"));
  EXPECT_EQ(checksum("").size(), 32U);
}

TEST(MigrationFiles, ANameThatDoesNotFitIsRefusedByName) {
  for (const std::string_view bad :
       {"core.up.sql", "0001.up.sql", "0001_.up.sql", "R__a.up.sql", "R__.sql", "0_a.up.sql",
        "-1_a.up.sql", "1 _a.up.sql", ".up.sql", "99999999999999999999_a.up.sql"}) {
    const Error error = error_of([&] { return steps({{bad, "select 1"}}); });
    EXPECT_EQ(error.kind(), ErrorKind::configuration) << bad;
    EXPECT_THAT(error.what(), HasSubstr(bad));
  }
}

TEST(MigrationFiles, AVersionTwiceOrAWayBackAloneIsRefused) {
  const auto refused = [](std::vector<MigrationFile> files) {
    return error_of([&] { return steps(files); }).kind() == ErrorKind::configuration;
  };
  EXPECT_TRUE(refused({{"1_a.up.sql", "a"}, {"1_b.up.sql", "b"}}));
  EXPECT_TRUE(refused({{"1_a.up.sql", "a"}, {"0001_a.up.sql", "b"}}));
  EXPECT_TRUE(refused({{"1_a.down.sql", "a"}}));
}

TEST(MigrationFiles, AFolderIsReadAsItIs) {
  const auto built_in = built_in_migrations();
  const auto read = load_migrations(std::filesystem::path(LOCI_SOURCE_DIR) / "sql/migrations");
  ASSERT_EQ(read.size(), built_in.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].checksum, built_in[i].checksum);
    EXPECT_EQ(read[i].down, built_in[i].down);
    EXPECT_EQ(read[i].name, built_in[i].name);
  }
  EXPECT_EQ(error_of([] { return load_migrations("/nowhere/at/all"); }).kind(), ErrorKind::io);
}

TEST(MigrationFiles, RepeatableOnesComeLastAndByName) {
  const auto all = steps({{"R__b.sql", "b"}, {"7_x.sql", "x"}, {"R__a.sql", "a"}});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].version, 7);
  EXPECT_TRUE(all[1].repeatable());
  EXPECT_EQ(all[1].name, "a");
  EXPECT_EQ(all[2].name, "b");
}

TEST(MigrationFiles, BothWaysInOneFileAreCutApartAndKeepTheirLines) {
  struct Case {
    std::string_view tool, text;
  };
  for (const Case& each :
       {Case{"goose", "-- +goose Up\nselect 'up';\n-- +goose Down\nselect 'down';\n"},
        Case{"dbmate", "-- migrate:up\nselect 'up';\n\n-- migrate:down\nselect 'down';\n"},
        Case{"tern", "select 'up';\n---- create above / drop below ----\nselect 'down';\n"},
        Case{"sql-migrate", "-- +migrate Up\nselect 'up';\n-- +migrate Down\nselect 'down';\n"},
        Case{"down first", "-- +goose Down\nselect 'down';\n-- +goose Up\nselect 'up';\n"}}) {
    const Migration one = steps({{"1_a.sql", each.text}})[0];
    EXPECT_THAT(split_statements(one.up), ElementsAre("select 'up'")) << each.tool;
    EXPECT_THAT(split_statements(one.down), ElementsAre("select 'down'")) << each.tool;
    EXPECT_EQ(one.down.find("select"), each.text.find("select 'down'")) << each.tool;
  }
}

TEST(MigrationFiles, GooseSaysOnceForBothWaysThatThereIsNoTransaction) {
  for (const std::string_view text :
       {"-- +goose NO TRANSACTION\n-- +goose Up\nvacuum;\n-- +goose Down\nvacuum;",
        "-- why\n-- +goose NO TRANSACTION\n-- +goose Up\nvacuum;\n-- +goose Down\nvacuum;",
        "-- +goose Up\n-- +goose NO TRANSACTION\nvacuum;\n-- +goose Down\nvacuum;"}) {
    const Migration one = steps({{"1_a.sql", text}})[0];
    EXPECT_TRUE(asks_no_transaction(one.up)) << text;
    EXPECT_TRUE(asks_no_transaction(one.down)) << text;
    EXPECT_EQ(one.down.rfind("vacuum"), text.rfind("vacuum"));
  }
}

TEST(MigrationFiles, AMarkOfUtf8IsNoPartOfTheText) {
  const auto marked = steps({{"1_a.sql", "\xEF\xBB\xBFselect 1"},
                             {"2_b.up.sql", "\xEF\xBB\xBFselect 1"},
                             {"2_b.down.sql", "\xEF\xBB\xBFselect 2"}});
  EXPECT_EQ(marked[0].up, "select 1");
  EXPECT_EQ(marked[1].up, "select 1");
  EXPECT_EQ(marked[1].down, "select 2");
  EXPECT_EQ(marked[1].checksum, steps({{"2_b.up.sql", "select 1"}})[0].checksum);
}

TEST(MigrationFiles, AMarkerInAStringOrBehindAStatementIsNone) {
  const Migration one =
      steps({{"1_a.sql",
              "select '\n-- +goose Down\n'; -- +goose Down\nselect $$\n-- migrate:down\n$$;"}})[0];
  EXPECT_EQ(split_statements(one.up).size(), 2U);
  EXPECT_EQ(one.down, "");
}

TEST(MigrationFiles, MendingTheWayBackIsNoChange) {
  const auto checksum = [](std::string_view text) {
    return steps({{"1_a.sql", text}})[0].checksum;
  };
  EXPECT_EQ(checksum("-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;"),
            checksum("-- +goose Up\nselect 1;\n-- +goose Down\nselect 3;\nselect 4;"));
}

TEST(MigrationFiles, WhatOnlyAnotherToolCanFillInIsRefused) {
  for (const std::string_view text :
       {"-- +goose ENVSUB ON\n-- +goose Up\nselect 1;", "{{ template \"x\" }}"}) {
    const Error error = error_of([&] { return steps({{"1_a.sql", text}}); });
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_THAT(error.what(), HasSubstr("1_a.sql"));
  }
}

}  // namespace
}  // namespace loci::schema
