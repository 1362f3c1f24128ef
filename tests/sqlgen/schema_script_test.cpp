#include "sqlgen/schema_database.hpp"

#include <gmock/gmock.h>

#include "support/test_server.hpp"

/// Schemas as they come, on a real server.
namespace loci::sqlgen {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class SchemaScript : public testing::Test {
protected:
  /// Applies the files to a database of its own, as superuser.
  void apply(const std::vector<std::string>& texts) {
    std::vector<SourceFile> files;
    for (const std::string& text : texts) {
      const std::string name = std::to_string(files.size() + 1) + ".sql";
      files.push_back({name, name, text});
    }
    auto& server = test::TestServer::instance();
    Diagnostics diagnostics;
    database_.emplace(files, diagnostics, server.admin_dsn(server.fresh_database_name()));
    for (const Diagnostic& diagnostic : diagnostics.all()) faults_.push_back(to_line(diagnostic));
    EXPECT_EQ(database_->complete(), faults_.empty());
  }
  /// Of a table; empty when there is none.
  std::string schema_of(const std::string& table) {
    for (const auto& [oid, facts] : database_->catalog().tables) {
      if (facts.name == table) return facts.schema;
    }
    return {};
  }

  std::optional<SchemaDatabase> database_;
  std::vector<std::string> faults_;
};

TEST_F(SchemaScript, RunsWhatCannotBeInATransactionOutsideOfOne) {
  apply({"create table t (a int);\ncreate index concurrently i on t (a);\ncreate table u (a int);",
         "alter table u add b int"});
  EXPECT_THAT(faults_, IsEmpty());
  EXPECT_EQ(schema_of("u"), "public");
}

TEST_F(SchemaScript, UsesAnEnumValueInTheFileThatAddsIt) {
  apply({"create type mood as enum ('sad')",
         "alter type mood add value 'ok';\ncreate table t (m mood default 'ok')"});
  EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(SchemaScript, HonoursTransactionsOfTheFile) {
  apply(
      {"begin;\ncreate table t (a int);\ncommit;\nstart transaction;\ncreate table u (a "
       "int);\nrollback;\n"
       "create table v (a int);"});
  EXPECT_THAT(faults_, IsEmpty());
  EXPECT_EQ(schema_of("t"), "public");
  EXPECT_EQ(schema_of("u"), "");
  EXPECT_EQ(schema_of("v"), "public");
}

TEST_F(SchemaScript, DoesNotRunAgainWhatTheFileCommittedItself) {
  apply({"begin;\ncreate table t (a int);\ncommit;\ncreate index concurrently i on t (a);"});
  EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(SchemaScript, MakesTheRolesThatTheSchemaNames) {
  apply(
      {"create table t (a int);\nalter table t owner to \"sqlgen Owner\";\n"
       "grant select on t to sqlgen_reader;\ncreate index concurrently i on t (a);",
       "grant select on t to sqlgen_reader"});
  EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(SchemaScript, KeepsSettingsWithinTheirFile) {
  apply({"create schema app;\nset search_path = app;\ncreate table inside (a int);",
         "create table outside (a int)"});
  EXPECT_THAT(faults_, IsEmpty());
  EXPECT_EQ(schema_of("inside"), "app");
  EXPECT_EQ(schema_of("outside"), "public");
}

TEST_F(SchemaScript, LetsASchemaCreateTheExtensionsThatAreThereAnyway) {
  apply(
      {"create schema ext;\ncreate extension vector schema ext;\ncreate table t (v ext.vector(3))",
       "create extension if not exists \"vector\";"});
  EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(SchemaScript, NamesThePlaceOfWhatTheServerRefuses) {
  apply({"create table t (a int);",
         "select 1;\n  create table ü (a int,\n  b nonsense);\nselect 2;"});
  EXPECT_THAT(faults_, ElementsAre("2.sql:3:5: type \"nonsense\" does not exist (42704)"));
}

TEST_F(SchemaScript, NamesTheStatementWhereTheServerGivesNoPlace) {
  apply({"create table t (a int);\n\n  create table t (a int);\n"});
  EXPECT_THAT(faults_, ElementsAre("1.sql:3:3: relation \"t\" already exists (42P07)"));
}

TEST_F(SchemaScript, SaysWhatToDoAboutAnExtensionThatIsNotInstalled) {
  apply({"create table t (a int);\ncreate extension if not exists no_such_extension;"});
  EXPECT_THAT(faults_,
              ElementsAre(AllOf(StartsWith("1.sql:2:1: extension \"no_such_extension\" is not"),
                                HasSubstr("install its package"))));
}

TEST_F(SchemaScript, ReportsAnUnclosedString) {
  apply({"create table t (a int);\nselect 'a;\n"});
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("1.sql:2:8: unterminated quoted string")));
}

TEST_F(SchemaScript, TakesAnEmptyFile) {
  apply({"", "   \n-- nothing\n"});
  EXPECT_THAT(faults_, IsEmpty());
}

}  // namespace
}  // namespace loci::sqlgen
