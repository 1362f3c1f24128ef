#include <loci/schema/lint.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loci::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Migration file(std::int64_t version, std::string up) {
  return {.version = version,
          .name = "a",
          .up = std::move(up),
          .down = "",
          .checksum = "",
          .file = std::to_string(version) + "_a.sql"};
}

std::vector<std::string> rules(const std::vector<Migration>& files) {
  std::vector<std::string> found;
  for (const LintFinding& finding : lint(files)) found.push_back(finding.rule);
  return found;
}
std::vector<std::string> rules(std::string sql) {
  return rules(std::vector{file(1, std::move(sql))});
}

TEST(Lint, TellsWhatTheMigratorWouldRefuse) {
  for (const char* sql :
       {"select 'open", "begin; select 1", "rollback", "discard all", "set role r; vacuum"}) {
    EXPECT_THAT(rules(sql), ElementsAre("refused")) << sql;
  }
  const auto found = lint(std::vector{file(1, "select 1;\n\nselect $$")});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].line, 3);
  Migration back = file(1, "create table t (id int)");
  back.down = "select 1;\ncommit";
  const auto in_back = lint(std::vector{back});
  ASSERT_EQ(in_back.size(), 1U);
  EXPECT_THAT(in_back[0].message, HasSubstr("way back: COMMIT without BEGIN"));
  EXPECT_EQ(in_back[0].line, 2);
}

TEST(Lint, WarnsOfEachHazard) {
  struct Case {
    std::string rule, sql;
  };
  for (const Case& each : {
           Case{"table-rewrite", "alter table t alter column a type bigint"},
           Case{"table-rewrite", "ALTER TABLE IF EXISTS ONLY s.t ALTER a SET DATA TYPE text"},
           Case{"table-rewrite", "alter table t add id bigserial"},
           Case{"table-rewrite", "alter table t add column id bigint generated always as identity"},
           Case{"table-rewrite", "alter table t add b int generated always as (a * 2) stored"},
           Case{"table-rewrite", "alter table t set tablespace fast"},
           Case{"volatile-default", "alter table t add column a uuid default gen_random_uuid()"},
           Case{"volatile-default", "alter table t add a float default (1 + random()) not null"},
           Case{"not-null", "alter table t add column a int not null"},
           Case{"not-null", "alter table t alter column a set not null"},
           Case{"index-lock", "create unique index i on t (a)"},
           Case{"index-lock", "create index on only t using gin (a)"},
           Case{"index-lock", "drop index if exists i"},
           Case{"index-lock", "reindex table t"},
           Case{"unnamed-index", "create index concurrently on t (a)"},
           Case{"foreign-key", "alter table t add constraint f foreign key (a) references u (a)"},
           Case{"foreign-key", "alter table t add column a int references u"},
           Case{"constraint-scan", "alter table t add constraint c check (a > 0)"},
           Case{"constraint-scan",
                "alter table t add constraint c check (a > 0) not valid;"
                "alter table t validate constraint c"},
           Case{"unique-constraint", "alter table t add primary key (a)"},
           Case{"unique-constraint", "alter table t add constraint c unique (a)"},
           Case{"drop-column", "alter table t drop column if exists a cascade"},
           Case{"drop-table", "drop table if exists t"},
           Case{"drop-table", "truncate t"},
           Case{"rename", "alter table t rename to u"},
           Case{"rename", "alter table t rename a to b"},
           Case{"long-lock", "vacuum full t"},
           Case{"long-lock", "vacuum (analyze, full) t"},
           Case{"long-lock", "cluster t using i"},
           Case{"long-lock", "lock table t"},
           Case{"long-lock", "refresh materialized view v"},
           Case{"long-lock", "alter table t detach partition p"},
       }) {
    EXPECT_THAT(rules(each.sql), ElementsAre(each.rule)) << each.sql;
  }
}

TEST(Lint, LeavesHarmlessStatementsAlone) {
  for (const std::string sql :
       {"alter table t add column a int",
        "alter table t add column a int not null default 7, add b text default 'x'",
        "alter table t add a timestamptz not null default now()",
        "alter table t add a numeric(10, 2) default '0'::numeric(10, 2)",
        "alter table t add a jsonb not null default jsonb_build_object('a', lower('X'))",
        "alter table t alter column a set default gen_random_uuid()",
        "alter table t alter column a drop not null",
        "alter table t drop constraint c",
        "alter table t rename constraint c to d",
        "alter table t add constraint c check (a > 0) not valid",
        "alter table t validate constraint c",
        "alter table t add constraint f foreign key (a) references u (a) not valid",
        "alter table t add constraint c unique using index i",
        "alter table t detach partition p concurrently",
        "create index concurrently i on t (a)",
        "drop index concurrently i",
        "reindex index concurrently i",
        "reindex (concurrently) table t",
        "refresh materialized view concurrently v",
        "vacuum analyze t",
        "create table t (a uuid primary key default gen_random_uuid(), b int not null)",
        "create function f() returns void language sql begin atomic drop table t; end",
        "do $$ begin execute 'drop table t'; end $$",
        "-- drop table t\nselect 1"}) {
    EXPECT_THAT(rules(sql), ElementsAre()) << sql;
  }
}

TEST(Lint, ATableThatTheFileItselfMakesHasNoReaders) {
  EXPECT_THAT(rules("create table if not exists s.T (a int); create index i on s.t (a);"
                    "alter table t add b int not null, add primary key (a); drop index i;"
                    "drop table \"t\""),
              ElementsAre());
  EXPECT_THAT(rules({file(1, "create table t (a int)"), file(2, "create index i on t (a)")}),
              ElementsAre("index-lock"));
}

TEST(Lint, ACheckThatIsValidatedMakesNotNullCheap) {
  const Migration add = file(1, "alter table t add constraint c check (a is not null) not valid");
  const Migration validate = file(2, "alter table t validate constraint c");
  const Migration set = file(3, "alter table t alter a set not null");
  EXPECT_THAT(rules({add, validate, set}), ElementsAre());
  EXPECT_THAT(rules({add, set}), ElementsAre("not-null"));
  EXPECT_THAT(lint(std::vector{add, validate, set}, 3), ElementsAre());
}

TEST(Lint, ACommentWithAReasonSilencesOneRuleForItsStatement) {
  EXPECT_THAT(rules("-- loci: allow drop-table nobody reads it\ndrop table t; drop table u"),
              ElementsAre("drop-table"));
  EXPECT_THAT(rules("drop table t; -- loci: allow drop-table nobody reads it"), ElementsAre());
  EXPECT_THAT(rules("alter table t -- loci: allow rename only a test\n rename to u"),
              ElementsAre());
  EXPECT_THAT(rules("-- loci: allow rename wrong rule\ndrop table t"), ElementsAre("drop-table"));
  EXPECT_THAT(rules("drop table t;\n-- loci: allow drop-table too late"),
              ElementsAre("drop-table"));
}

TEST(Lint, AnAllowCommentWithoutReasonOrRuleIsAFinding) {
  EXPECT_THAT(rules("-- loci: allow drop-table\ndrop table t"), ElementsAre("allow-comment"));
  EXPECT_THAT(rules("-- loci: allow everything because\nselect 1"), ElementsAre("allow-comment"));
}

TEST(Lint, SaysWhereAndWhatToDo) {
  const auto found = lint(std::vector{file(7, "select 1;\n\n  create index i\n on t (a);")});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].file, "7_a.sql");
  EXPECT_EQ(found[0].line, 3);
  EXPECT_EQ(found[0].column, 3);
  EXPECT_THAT(found[0].remedy, HasSubstr("concurrently"));
}

TEST(Lint, EveryRuleIsListedOnceInOrder) {
  const auto all = lint_rules();
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &LintRule::name));
  EXPECT_THAT(lint(built_in_migrations()), ElementsAre());
}

}  // namespace
}  // namespace loci::schema
