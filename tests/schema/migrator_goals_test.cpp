#include <loci/pg/pgvector.hpp>

#include <atomic>

#include "schema/migrators.hpp"

namespace loci::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Migration> three() {
  return steps({{"1_a.sql", "create table a (id int);\n-- +goose Down\ndrop table a;"},
                {"2_b.sql", "create table b (id int);\n-- migrate:down\ndrop table b;"},
                {"3_c.sql",
                 "create table c (id int);\n---- create above / drop below ----\n"
                 "drop table c;"},
                {"R__v.sql", "create or replace view v as select 1 as one"}});
}

struct MigratorGoals : Migrators {
  Migrator migrator{db.pool, three()};
  std::int64_t tables() {
    return number("select count(*) from pg_class where relname in ('a', 'b', 'c')");
  }
};

TEST_F(MigratorGoals, UpStopsAtAVersion) {
  EXPECT_THAT(told(db.run(migrator.up_to(2, soon()))), ElementsAre("+1_a", "+2_b"));
  EXPECT_THAT(told(db.run(migrator.up_to(1, soon()))), IsEmpty());
  EXPECT_THAT(told(db.run(migrator.up(soon()))), ElementsAre("+3_c", "+0_v"));
}

TEST_F(MigratorGoals, GoToLeadsUpAndDown) {
  EXPECT_THAT(told(db.run(migrator.go_to(3, soon()))), ElementsAre("+1_a", "+2_b", "+3_c"));
  EXPECT_THAT(told(db.run(migrator.go_to(1, soon()))), ElementsAre("-3_c", "-2_b"));
  EXPECT_THAT(told(db.run(migrator.go_to(2, soon()))), ElementsAre("+2_b"));
  EXPECT_THAT(told(db.run(migrator.go_to(0, soon()))), ElementsAre("-2_b", "-1_a"));
  EXPECT_EQ(tables(), 0);
  for (const std::int64_t unknown : {4, -1}) {
    EXPECT_EQ(error_of([&] { return db.run(migrator.go_to(unknown, soon())); }).kind(),
              ErrorKind::invalid_argument);
  }
  EXPECT_EQ(locks(), 0);
}

TEST_F(MigratorGoals, RedoMakesTheNewestAnew) {
  EXPECT_THAT(told(db.run(migrator.redo(soon()))), IsEmpty());
  (void)db.run(migrator.up(soon()));
  db.script("insert into b values (1); insert into c values (1)");
  EXPECT_THAT(told(db.run(migrator.redo(soon()))), ElementsAre("-3_c", "+3_c"));
  EXPECT_EQ(number("select (select count(*) from b) * 10 + (select count(*) from c)"), 10);
}

TEST_F(MigratorGoals, RedoLeavesWhatCameLateAlone) {
  auto without = three();
  without.erase(without.begin() + 1);
  (void)up(without);
  EXPECT_THAT(told(db.run(migrator.redo(soon()))), ElementsAre("-3_c", "+3_c"));
  EXPECT_EQ(number("select count(*) from schema_migrations where version = 2"), 0);
}

TEST_F(MigratorGoals, RedoFinishesAnUndoingAndUndoesNothingMore) {
  (void)db.run(migrator.up(soon()));
  db.script("update schema_migrations set statements_undone = 0 where version = 3");
  EXPECT_THAT(told(db.run(migrator.redo(soon()))), ElementsAre("-3_c", "+3_c"));
}

TEST_F(MigratorGoals, ADryRunGoesFromStepToStepAsUpDoes) {
  const auto files =
      steps({{"1_a.sql",
              "create schema s; set search_path = s; create table t (id int primary key);"
              "create table u (id int references t deferrable initially deferred);"
              "insert into u values (1); insert into t values (1)"},
             {"2_b.sql",
              "create table waited as select current_setting('lock_timeout') as setting;"
              "alter table s.u add x int;"
              "insert into s.u values (2); insert into s.t values (2);"
              "do $$ begin if current_setting('lock_timeout') <> '3s' then raise 'not set'; end if;"
              " end $$"}});
  EXPECT_THAT(told(db.run(Migrator(db.pool, files).dry_run(soon()))), ElementsAre("+1_a", "+2_b"));
  EXPECT_THAT(told(up(files)), ElementsAre("+1_a", "+2_b"));
}

TEST_F(MigratorGoals, ADryRunChecksWhatACommitWould) {
  Migrator wrong(db.pool, steps({{"1_a.sql",
                                  "create table t (id int primary key);\n"
                                  "create table u (id int references t initially deferred);\n"
                                  "insert into u values (1)"}}));
  const Error error = error_of([&] { return db.run(wrong.dry_run(soon())); });
  EXPECT_EQ(error.sqlstate(), "23503");
  EXPECT_THAT(error.what(), HasSubstr("migration 1_a"));
}

TEST_F(MigratorGoals, ADryRunCannotUseAnEnumsNewValueInTheNextStep) {
  const auto files = steps({{"1_a.sql", "create type mood as enum ('ok')"},
                            {"2_b.sql", "alter type mood add value 'sad'"},
                            {"3_c.sql", "create table m (mood mood default 'sad')"},
                            {"4_d.sql", "create table d (id int)"}});
  (void)up({files[0]});
  EXPECT_THAT(told(db.run(Migrator(db.pool, files).dry_run(soon()))),
              ElementsAre("+2_b", "?3_c", "?4_d"));
  EXPECT_THAT(told(up(files)), ElementsAre("+2_b", "+3_c", "+4_d"));
}

TEST_F(MigratorGoals, AnIndexIsBuiltByOneProcessWhereAParallelBuildWouldWriteOutOfBounds) {
  (void)up(steps({{"1_v.sql",
                   "create extension if not exists vector;"
                   "create table seen as select extversion,"
                   " current_setting('max_parallel_maintenance_workers') as workers,"
                   " (select reset_val from pg_settings"
                   "   where name = 'max_parallel_maintenance_workers') as usual"
                   "  from pg_extension where extname = 'vector'"}}));
  const Version version = *Version::parse(text("select extversion from seen"));
  EXPECT_EQ(text("select workers from seen"),
            pg::may_build_hnsw_in_parallel(version) ? text("select usual from seen") : "0");
}

TEST_F(MigratorGoals, ADryRunTriesAllAndKeepsNothing) {
  EXPECT_THAT(told(db.run(migrator.dry_run(soon()))), ElementsAre("+1_a", "+2_b", "+3_c", "+0_v"));
  EXPECT_EQ(number("select count(*) from pg_class where relnamespace = 'public'::regnamespace"
                   " and relname !~ '^pg_stat_statements'"),
            0);
  Migrator broken(db.pool, steps({{"1_a.sql", "create table a (id int);\nselect 1/0"}}));
  EXPECT_THAT(error_of([&] { return db.run(broken.dry_run(soon())); }).what(),
              HasSubstr("migration 1_a"));
  EXPECT_EQ(locks(), 0);
}

TEST_F(MigratorGoals, ADryRunSaysWhatItCouldNotTry) {
  Migrator apart(db.pool, steps({{"1_a.sql", "create table a (id int)"},
                                 {"2_i.sql", "create index concurrently i on a (id)"},
                                 {"3_c.sql", "create table c (id int)"}}));
  EXPECT_THAT(told(db.run(apart.dry_run(soon()))), ElementsAre("+1_a", "?2_i", "?3_c"));
}

TEST_F(MigratorGoals, ABaselineIsRecordedAndNotRun) {
  EXPECT_THAT(told(db.run(migrator.baseline(2, soon()))), ElementsAre("=1_a", "=2_b"));
  EXPECT_EQ(tables(), 0);
  EXPECT_THAT(states(three()),
              ElementsAre(State::applied, State::applied, State::pending, State::pending));
  EXPECT_THAT(told(db.run(migrator.up_to(3, soon()))), ElementsAre("+3_c"));
  EXPECT_EQ(error_of([&] { return db.run(migrator.baseline(7, soon())); }).kind(),
            ErrorKind::invalid_argument);
}

TEST_F(MigratorGoals, ARepeatableFileRunsAgainWhenItChanges) {
  (void)db.run(migrator.up(soon()));
  EXPECT_THAT(told(up(three())), IsEmpty());
  auto changed = three();
  changed.back() =
      steps({{"R__v.sql", "create or replace view v as select 1 as one, 2 as two"}})[0];
  EXPECT_EQ(states(changed).back(), State::outdated);
  EXPECT_THAT(told(up(changed)), ElementsAre("+0_v"));
  EXPECT_EQ(number("select two::bigint from v"), 2);
  EXPECT_EQ(states(changed).back(), State::applied);
  changed.pop_back();
  EXPECT_THAT(told(up(changed)), IsEmpty()) << "one that is gone is no drift";
}

TEST_F(MigratorGoals, ALateMigrationIsRefusedUnlessItIsAllowed) {
  auto without = three();
  without.erase(without.begin() + 1);
  (void)up(without);
  const Error error = error_of([&] { return up(three()); });
  EXPECT_EQ(error.kind(), ErrorKind::configuration);
  EXPECT_THAT(error.what(), HasSubstr("migration 2_b: it stands below 3"));
  EXPECT_THAT(told(up_with(three(), {.allow_late = true})), ElementsAre("+2_b"));
}

TEST_F(MigratorGoals, TheTableOfAnEarlierLociIsUpgradedInPlace) {
  db.script(
      "create table schema_migrations (version bigint primary key, name text not null,"
      " checksum text not null, applied_at timestamptz not null default now(),"
      " duration interval not null); create table a (id int);"
      "insert into schema_migrations values (1, 'a', '" +
      three()[0].checksum + "', now(), '1s')");
  EXPECT_EQ(states(three())[0], State::applied) << "read as it is";
  EXPECT_THAT(told(db.run(migrator.up_to(2, soon()))), ElementsAre("+2_b"));
  EXPECT_EQ(text("select string_agg(format('%s %s/%s', name, statements_done, statements_total),"
                 " ', ' order by version) from schema_migrations"),
            "a 0/0, b 1/1");
  db.script("alter table schema_migrations drop undone_checksum, drop statement_begun");
  EXPECT_EQ(states(three())[1], State::applied) << "one without the latest columns, too";
  EXPECT_THAT(told(db.run(migrator.up_to(3, soon()))), ElementsAre("+3_c"));
}

TEST_F(MigratorGoals, AnotherToolsTableIsLeftAlone) {
  db.script("create table schema_migrations (version bigint primary key, dirty boolean)");
  for (const Error& error : {error_of([&] { return db.run(migrator.up(soon())); }),
                             error_of([&] { return db.run(migrator.status(soon())); })}) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_THAT(error.what(), HasSubstr("version dirty"));
  }
  EXPECT_EQ(up_with(three(), {.table = "Our versions"}).size(), 4U);
  EXPECT_EQ(number("select count(*) from \"Our versions\""), 4);
}

TEST_F(MigratorGoals, WhatAMigrationSetsInItsSessionEndsWithItsFile) {
  EXPECT_EQ(up(steps({{"1_s.sql",
                       "create schema s; set search_path = s; create table t (id int);"
                       "set lock_timeout = '7s'"},
                      {"2_t.sql", "create table t (id int)"}}))
                .size(),
            2U);
  EXPECT_EQ(number("select count(*) from pg_class where relname = 't'"
                   " and relnamespace in ('public'::regnamespace, 's'::regnamespace)"),
            2);
  EXPECT_EQ(text("select current_setting('lock_timeout')"), "10s") << "of the pool";
}

TEST_F(MigratorGoals, AFailureNamesItsLine) {
  const Error error = error_of(
      [&] { return up(steps({{"1_a.sql", "create table a (id int);\n\nselect nothing;"}})); });
  EXPECT_THAT(error.what(), HasSubstr("migration 1_a, line 3"));
}

TEST_F(MigratorGoals, AStatementThatWaitsForALockIsTriedAgain) {
  db.script("create table held (id int)");
  pg::Lease other = db.run(db.pool.acquire(soon()));
  (void)db.run(other.script("begin; lock table held", "hold", soon()));
  const auto add = steps({{"1_a.sql", "alter table held add column a int"}});
  MigratorOptions options{.lock_timeout = std::chrono::milliseconds(20), .lock_attempts = 2};
  const Error error = error_of([&] { return up_with(add, options); });
  EXPECT_EQ(error.sqlstate(), "55P03");
  EXPECT_THAT(error.what(), HasSubstr("after 2 attempts"));

  std::atomic<int> attempts = 0;
  options.lock_attempts = 1000;
  options.on_progress = [&](const MigrationProgress& progress) {
    if (progress.moment == MigrationProgress::Moment::starts) ++attempts;
  };
  Migrator patient(db.pool, add, options);
  auto running =
      boost::asio::co_spawn(db.runtime.executor(), patient.up(soon()), boost::asio::use_future);
  EXPECT_TRUE(test::eventually([&] { return attempts > 1; }));
  (void)db.run(other.script("commit", "let go", soon()));
  EXPECT_THAT(told(running.get()), ElementsAre("+1_a"));
}

}  // namespace
}  // namespace loci::schema
