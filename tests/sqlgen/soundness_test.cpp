#include "sqlgen/soundness/soundness.hpp"

#include <gmock/gmock.h>

#include "sqlgen/compiled_queries.hpp"
#include "sqlgen/soundness/text_session.hpp"

namespace loci::sqlgen::harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string count_of(const CompiledQueries& compiled, const std::string& table) {
  TextSession session(compiled.conninfo(), std::chrono::seconds(5));
  return *session.rows("select count(*)::text from " + table)[0][0];
}

TEST(Soundness, FindsANullThatWasPromisedAway) {
  CompiledQueries compiled("create table t (id int primary key, note text);",
                           "-- name: Sound :many\nselect id from t;\n"
                           "-- name: Unsound :many\nselect id, note as \"note!\" from t;\n");
  const SoundnessReport report =
      check_soundness(compiled.conninfo(), {&compiled.query(0), &compiled.query(1)});
  EXPECT_GT(report.queries[0].rows, 0U);
  EXPECT_THAT(report.queries[0].broken_promises(compiled.query(0)), IsEmpty());
  EXPECT_THAT(report.queries[1].broken_promises(compiled.query(1)), ElementsAre(1U));
  EXPECT_TRUE(report.finished);
}

TEST(Soundness, FillsWhatConditionsAndReferencesAllow) {
  CompiledQueries compiled(
      "create type kind as enum ('x', 'y');\n"
      "create domain percent as int check (value between 40 and 60);\n"
      "create table owners (a int, b text check (b in ('p', 'q')), primary key (a, b));\n"
      "create table things (id uuid primary key, a int not null, b text not null, kind kind not "
      "null,\n"
      "  share percent not null, parent uuid references things, size varchar(3) not null,\n"
      "  near vector(3) not null, body jsonb not null check (jsonb_typeof(body) = 'object' and "
      "body <> '{}'), at date not null check (at > '2030-01-01' or at = "
      "'2029-12-31'),\n"
      "  twice int generated always as (a * 2) stored, foreign key (a, b) references owners);\n",
      "-- name: Joined :many\n"
      "select t.id, p.size from things t join owners o using (a, b) left join things p on p.id = "
      "t.parent;\n");
  const SoundnessReport report = check_soundness(compiled.conninfo(), {&compiled.query()});
  EXPECT_THAT(report.left_out, IsEmpty());
  EXPECT_GT(report.queries[0].rows, 0U);
  EXPECT_THAT(report.queries[0].gave_null, ElementsAre(false, true));
}

TEST(Soundness, SaysWhichTableTookNoRow) {
  CompiledQueries compiled(
      "create table t (id int not null, top int not null, check (id > top and id < top));",
      "-- name: All :many\nselect id from t;\n");
  const SoundnessReport report = check_soundness(compiled.conninfo(), {&compiled.query()});
  EXPECT_THAT(report.left_out, ElementsAre(HasSubstr("public.t: new row for relation")));
}

TEST(Soundness, LeavesNothingBehind) {
  CompiledQueries compiled(
      "create table t (id int primary key, note text);",
      "-- name: Add :many\ninsert into t (id) select 100 + id from t returning id, note;\n");
  const SoundnessReport report = check_soundness(compiled.conninfo(), {&compiled.query()});
  EXPECT_GT(report.queries[0].rows, 0U);
  EXPECT_EQ(count_of(compiled, "t"), "0");
}

TEST(Soundness, SeesThroughRowSecurity) {
  CompiledQueries compiled(
      "create table t (id int primary key, note text);\n"
      "alter table t enable row level security;\nalter table t force row level security;\n"
      "create policy nobody on t using (false);",
      "-- name: All :many\nselect id, note from t;\n");
  const SoundnessReport report = check_soundness(compiled.conninfo(), {&compiled.query()});
  EXPECT_GT(report.queries[0].rows, 0U);
}

TEST(Soundness, FindsRowsForParameters) {
  CompiledQueries compiled(
      "create table t (tenant uuid not null, id int not null, note text, primary key (tenant, "
      "id));",
      "-- name: One :one\nselect note from t where tenant = @tenant and id = @id;\n"
      "-- name: Some :many\nselect id from t where id = any(@ids) and note is not distinct from "
      "sqlc.narg(note);\n");
  const SoundnessReport report =
      check_soundness(compiled.conninfo(), {&compiled.query(0), &compiled.query(1)});
  EXPECT_GT(report.queries[0].rows, 0U);
  EXPECT_GT(report.queries[1].rows, 0U);
}

TEST(Soundness, EndsWhatIsTooLargeOrTooLong) {
  CompiledQueries compiled("create table t (id int);",
                           "-- name: Large :many\nselect n from generate_series(1, 20000) n;\n"
                           "-- name: Slow :many\nselect pg_sleep(3600)::text as slept;\n"
                           "-- name: After :one\nselect 1 as one;\n");
  const SoundnessReport report = check_soundness(
      compiled.conninfo(), {&compiled.query(0), &compiled.query(1), &compiled.query(2)},
      {.rounds = 0, .max_rows = 1000, .statement_timeout = std::chrono::milliseconds(300)});
  EXPECT_GE(report.queries[0].rows, 1000U);
  EXPECT_LT(report.queries[0].rows, 10'000U);
  EXPECT_THAT(report.queries[1].refusal, HasSubstr("statement timeout"));
  EXPECT_EQ(report.queries[2].runs, 1);
}

TEST(Soundness, StopsAtItsTimeLimit) {
  CompiledQueries compiled("create table t (id int);", "-- name: All :many\nselect id from t;\n");
  const SoundnessReport report = check_soundness(compiled.conninfo(), {&compiled.query()},
                                                 {.time_limit = std::chrono::milliseconds(0)});
  EXPECT_FALSE(report.finished);
  EXPECT_EQ(report.queries[0].runs, 0);
}

}  // namespace
}  // namespace loci::sqlgen::harness
