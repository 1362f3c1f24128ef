#include "sqlgen/migration_text.hpp"

#include <gmock/gmock.h>

namespace loci::sqlgen {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// What is sent to the server, spaces at the ends of lines cut off.
std::string sent(const std::string& text) {
  Diagnostics diagnostics;
  const std::string left = for_server({"a.sql", "a.sql", text}, diagnostics).text;
  EXPECT_THAT(diagnostics.all(), IsEmpty());
  std::string trimmed;
  for (const char c : left) {
    if (c == '\n') trimmed.erase(trimmed.find_last_not_of(' ') + 1);
    trimmed += c;
  }
  trimmed.erase(trimmed.find_last_not_of(' ') + 1);
  return trimmed;
}

TEST(MigrationText, LeavesOutWhatUndoesAMigration) {
  EXPECT_EQ(sent("-- +goose Up\na;\n-- +goose Down\nb;\n"), "-- +goose Up\na;\n\n\n");
  EXPECT_EQ(sent("-- +migrate Up\na;\n-- +migrate Down\nb;\n"), "-- +migrate Up\na;\n\n\n");
  EXPECT_EQ(sent("-- migrate:up transaction:false\na;\n-- migrate:down transaction:false\nb;"),
            "-- migrate:up transaction:false\na;\n\n");
  EXPECT_EQ(sent("a;\n---- create above / drop below ----\nb;\n"), "a;\n\n\n");
}

TEST(MigrationText, TakesUpAgainAfterAnotherUp) {
  EXPECT_EQ(sent("-- +goose Up\na;\n-- +goose Down\nb';\n-- +goose Up\nc;\n"),
            "-- +goose Up\na;\n\n\n-- +goose Up\nc;\n");
}

TEST(MigrationText, SeesMarkersInCommentsOnly) {
  const std::string text =
      "-- +goose Up\n-- +goose StatementBegin\ncreate function f() returns text as $$\n"
      "-- +goose Down\n$$ language sql;\n-- +goose StatementEnd\nselect '\n-- +goose Down\n';\n";
  EXPECT_EQ(sent(text), text);
  EXPECT_EQ(sent("a; -- +goose Down\nb;"), "a; -- +goose Down\nb;") << "not a line of its own";
  EXPECT_EQ(sent("-- migrate:downtown\nb;"), "-- migrate:downtown\nb;");
}

TEST(MigrationText, LeavesOutWhatOnlyPsqlAndPgDumpNeed) {
  EXPECT_EQ(sent("\\restrict it's\nset statement_timeout = 0;\n"
                 "SELECT pg_catalog.set_config('search_path', '', false);\n"
                 "set check_function_bodies = false;\ncreate table t ();\n\\unrestrict it's\n"),
            "\n\n\nset check_function_bodies = false;\ncreate table t ();\n\n");
}

TEST(MigrationText, LeavesOutCopiedRows) {
  EXPECT_EQ(sent("copy t (a, b) from stdin;\n1\tit's\n2\t$$\n\\.\ncreate table u ();\n"),
            "\n\n\n\ncreate table u ();\n");
  EXPECT_EQ(sent("\\copy t from stdin\n'\n\\.\nx;"), "\n\n\nx;");
}

TEST(MigrationText, KeepsEveryPlace) {
  Diagnostics diagnostics;
  const SourceFile file = for_server(
      {"a.sql", "a.sql", "set statement_timeout = 'müßig'; create\n\\echo über\n  tabel"},
      diagnostics);
  diagnostics.add(file, file.text.find("create"), "create");
  diagnostics.add(file, file.text.find("tabel"), "tabel");
  EXPECT_EQ(to_line(diagnostics.all()[0]), "a.sql:1:34: create");
  EXPECT_EQ(to_line(diagnostics.all()[1]), "a.sql:3:3: tabel");
}

TEST(MigrationText, ReportsWhatOnlyAnotherProgramCanFillIn) {
  const auto fault = [](const std::string& text) {
    Diagnostics diagnostics;
    (void)for_server({"a.sql", "a.sql", text}, diagnostics);
    return diagnostics.empty() ? "" : to_line(diagnostics.all()[0]);
  };
  EXPECT_THAT(fault("\n{{ template \"shared/v1.sql\" . }}\n"), HasSubstr("a.sql:2:1: only tern"));
  EXPECT_THAT(fault("create table ${NAME} ();"), HasSubstr("a.sql:1:14: only goose"));
  EXPECT_THAT(fault("\\i types.sql\n"), HasSubstr("a.sql:1:1: \\i brings in another file"));
  EXPECT_THAT(fault("\\if :wanted\n"), HasSubstr("what \\if does"));
  EXPECT_EQ(fault("select '{{ }} ${x}'; -- {{ }}"), "");
}

}  // namespace
}  // namespace loci::sqlgen
