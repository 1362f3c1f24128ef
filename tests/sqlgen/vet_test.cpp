#include "sqlgen/vet/vet.hpp"

#include <loci/base/error.hpp>

#include <gmock/gmock.h>

#include "sqlgen/compiled_queries.hpp"

namespace loci::sqlgen::harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* schema =
    "create table people (id bigint primary key, name text not null, mail text);\n"
    "create index on people (name);\n"
    "create table logs (id bigint not null, place text not null) partition by hash (id);\n"
    "create table logs_0 partition of logs for values with (modulus 1, remainder 0);\n";

std::vector<std::string> lines_of(const VetReport& report) {
  std::vector<std::string> lines;
  for (const Finding& finding : report.findings) lines.push_back(to_line(finding.diagnostic));
  return lines;
}

VetReport vetted(const std::string& queries, const VetOptions& options = {}) {
  CompiledQueries compiled(schema, queries);
  return vet(compiled.files(), compiled.catalog(), compiled.conninfo(), options);
}

TEST(Vet, NamesThePlaceTheQueryAndTheRule) {
  const VetReport report = vetted(
      "-- name: Fine :one\nselect name from people where id = @id;\n"
      "-- name: Star :many\nselect * from people;\n"
      "-- name: Wipe :exec\ndelete from people;\n"
      "-- name: Lie :many\nselect mail as \"mail!\" from people;\n");
  EXPECT_THAT(
      lines_of(report),
      ElementsAre(
          AllOf(HasSubstr("queries.sql:3:1: Star: "), HasSubstr("[no-select-star]")),
          AllOf(HasSubstr("queries.sql:5:1: Wipe: "), HasSubstr("[no-missing-where]")),
          AllOf(HasSubstr("queries.sql:7:1: Lie: column mail"), HasSubstr("[sound-nullability]"))));
  EXPECT_THAT(report.notes, IsEmpty());
}

TEST(Vet, AllowsWhatACommentAllows) {
  EXPECT_THAT(lines_of(vetted("-- loci-sqlgen: allow no-select-star it is copied whole\n"
                              "-- name: Star :many\nselect * from people;\n"
                              "-- name: Wipe :exec\n"
                              "-- loci-sqlgen: allow no-missing-where\n"
                              "delete from people;\n")),
              ElementsAre(HasSubstr("needs a reason [allow]"), HasSubstr("[no-missing-where]")));
}

TEST(Vet, ChecksOnlyTheRulesAskedFor) {
  const std::string queries =
      "-- name: Star :many\nselect * from people;\n"
      "-- name: Wipe :exec\ndelete from people;\n";
  EXPECT_THAT(lines_of(vetted(queries, {.rules = {"no-missing-where", "sqlc/db-prepare"}})),
              ElementsAre(HasSubstr("Wipe")));
  EXPECT_THROW((void)vetted(queries, {.rules = {"no-such-rule"}}), Error);
}

TEST(Vet, FindsWhatNoIndexServesOnALargeTable) {
  const std::string queries =
      "-- name: ById :one\nselect name from people where id = @id;\n"
      "-- name: ByName :many\nselect id from people where name = @name;\n"
      "-- name: ByMail :many\nselect id from people where mail = @mail;\n"
      "-- name: ByMailInOrder :many\nselect id from people where mail = @mail order by id;\n"
      "-- name: Newest :many\nselect id from people order by id desc limit 3;\n"
      "-- name: ByPlace :many\nselect id from logs where place = @place;\n"
      "-- name: Cleared :exec\ndelete from people where mail is null;\n";
  EXPECT_THAT(lines_of(vetted(queries, {.rules = {"no-sequential-scan"}})), IsEmpty())
      << "no table is called large";
  const VetReport report = vetted(queries, {.rules = {"no-sequential-scan"},
                                            .large_tables = {"people", "public.logs", "gone"}});
  EXPECT_THAT(
      lines_of(report),
      ElementsAre(HasSubstr("ByMail: reads all of public.people"), HasSubstr("ByMailInOrder:"),
                  HasSubstr("ByPlace: reads all of public.logs_0"), HasSubstr("Cleared:")));
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("gone")));
}

TEST(Vet, RunsRulesOfTheUsersOwn) {
  const std::string queries =
      "-- name: First :many\nselect id, name from people;\n"
      "-- name: Second :one\nselect id from people where id = @id;\n"
      "-- loci-sqlgen: allow plain it is small\n"
      "-- name: Third :many\nselect id, name, mail from people;\n";
  VetOptions options{.rules = {"plain", "planned"}};
  options.custom = {{"plain", "more than one column",
                     "select name from queries where jsonb_array_length(columns) > 1 -- a comment"},
                    {"planned", "",
                     "select name, 'takes ' || (params -> 0 ->> 'type') as message from queries "
                     "where cmd = ':one' and plan::text like '%people_pkey%';"}};
  EXPECT_THAT(lines_of(vetted(queries, options)),
              UnorderedElementsAre(HasSubstr("First: more than one column [plain]"),
                                   HasSubstr("Second: takes int8 [planned]")));
}

TEST(Vet, RefusesRulesThatAreNoReading) {
  const std::string queries = "-- name: First :many\nselect id, name from people;\n";
  for (const char* const sql :
       {"delete from people", "select 1 as one", "select name from queries; select 1",
        "select nextval('nothing')::text as name", "select 'x' as name from nothing"}) {
    VetOptions options{.rules = {"mine"}};
    options.custom = {{"mine", "m", sql}};
    EXPECT_THROW((void)vetted(queries, options), Error) << sql;
  }
}

TEST(Vet, NotesARuleOfSqlcsExpressionLanguage) {
  VetOptions options{.rules = {"mine"}};
  options.custom = {{"mine", "m", ""}};
  const VetReport report = vetted("-- name: First :many\nselect id from people;\n", options);
  EXPECT_THAT(lines_of(report), IsEmpty());
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("CEL rule mine not run")));
}

TEST(Vet, RunsNothingInALiveDatabase) {
  const VetReport report =
      vetted("-- name: Lie :many\nselect mail as \"mail!\" from people;\n", {.may_run = false});
  EXPECT_THAT(lines_of(report), IsEmpty());
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("live database")));
}

}  // namespace
}  // namespace loci::sqlgen::harness
