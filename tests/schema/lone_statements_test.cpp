// Files that cannot run in a transaction.
#include "schema/migration_units.hpp"
#include "schema/migrators.hpp"

namespace loci::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct LoneStatements : Migrators {
  std::string progress() {
    return text(
        "select string_agg(format('%s %s/%s', version, statements_done, statements_total),"
        " ', ' order by version) from schema_migrations");
  }
  // A migration 1_a, cut off before its first statement was over.
  void begun_by_an_earlier_version() {
    db.script(
        "create table schema_migrations (version bigint primary key, name text not null,"
        " checksum text not null, applied_at timestamptz not null default now(),"
        " duration interval not null, statements_done integer not null default 0,"
        " statements_total integer not null default 0, statements_undone integer);"
        "insert into schema_migrations values (1, 'a', '" +
        checksum_of({}) + "', now(), '1s', 0, 1)");
  }
  void rows_twice() { db.script("create table t (id int); insert into t values (1), (1)"); }
};

constexpr std::string_view k_unique =
    "create table u (id int);\ncreate unique index concurrently t_id on t (id);\n"
    "insert into u values (1);";

TEST_F(LoneStatements, RunOutsideATransactionAndAreCounted) {
  db.script("create table t (id int)");
  EXPECT_EQ(
      up(steps({{"1_a.sql", k_unique}, {"2_b.sql", "vacuum t; reindex table concurrently t"}}))
          .size(),
      2U);
  EXPECT_EQ(progress(), "1 3/3, 2 2/2");
}

TEST_F(LoneStatements, AFailedOneIsGoneOnWithAndItsInvalidIndexIsDropped) {
  rows_twice();
  const auto file = steps({{"1_a.sql", k_unique}});
  const Error error = error_of([&] { return up(file); });
  EXPECT_EQ(error.sqlstate(), "23505");
  EXPECT_THAT(error.what(), HasSubstr("migration 1_a, line 2"));
  EXPECT_EQ(progress(), "1 1/3");
  EXPECT_THAT(states(file), ElementsAre(State::partial));
  EXPECT_EQ(number("select count(*) from pg_index where not indisvalid"), 1);

  db.script("delete from t");
  EXPECT_THAT(told(up(file)), ElementsAre("+1_a"));
  EXPECT_EQ(progress(), "1 3/3");
  EXPECT_EQ(number("select count(*) from pg_index where not indisvalid"), 0);
  EXPECT_EQ(number("select count(*) from pg_indexes where indexname = 't_id'"), 1);
  EXPECT_EQ(number("select count(*) from u"), 1);
  EXPECT_THAT(states(file), ElementsAre(State::applied));
}

TEST_F(LoneStatements, WhatIsStillToRunMayBeMendedAndWhatHasRunMayNot) {
  rows_twice();
  (void)error_of([&] { return up(steps({{"1_a.sql", k_unique}})); });
  const Error error = error_of([&] {
    return up(steps({{"1_a.sql",
                      "create table u (id bigint);\n"
                      "create index concurrently t_id on t (id);"}}));
  });
  EXPECT_EQ(error.kind(), ErrorKind::configuration);
  EXPECT_THAT(error.what(), HasSubstr("its first 1 statements"));
  const auto mended = steps({{"1_a.sql",
                              "create table u (id int);\n"
                              "create index concurrently t_id on t (id);"}});
  EXPECT_EQ(up(mended).size(), 1U);
  EXPECT_THAT(states(mended), ElementsAre(State::applied));
  EXPECT_EQ(progress(), "1 2/2");
}

TEST_F(LoneStatements, ANewValueOfAnEnumMayBeUsedInTheSameFile) {
  EXPECT_EQ(up(steps({{"1_a.sql", "create type mood as enum ('ok')"},
                      {"2_b.sql",
                       "alter type mood add value 'sad';\n"
                       "create table m (mood mood default 'sad')"}}))
                .size(),
            2U);
}

TEST_F(LoneStatements, AnUndoingThatFailedIsFinishedByTheNextRun) {
  const auto file =
      steps({{"1_a.up.sql", "create table a (id int); create table b (id int)"},
             {"1_a.down.sql", "-- loci: no transaction\ndrop table a; drop table b"}});
  (void)up(file);
  db.script("create view v as select * from b");
  EXPECT_EQ(error_of([&] { return down(file, 1); }).sqlstate(), "2BP01");
  EXPECT_THAT(states(file), ElementsAre(State::partial));
  db.script("drop view v");
  EXPECT_THAT(told(down(file, 1)), ElementsAre("-1_a"));
  EXPECT_THAT(states(file), ElementsAre(State::pending));

  (void)up(file);
  db.script("create view v as select * from b");
  (void)error_of([&] { return down(file, 1); });
  db.script("drop view v");
  EXPECT_THAT(told(up(file)), ElementsAre("-1_a", "+1_a")) << "finished before it is applied anew";
}

// Whatever is there already, or is not there, it was not this statement's doing.
TEST_F(LoneStatements, OneThatWasRefusedIsRunAgainAndNotTakenForDone) {
  db.script(
      "create table t (id int, other int); create index taken on t (other);"
      "create table p (id int) partition by list (id); create table apart (id int)");
  for (const auto& [sql, state] :
       {std::pair{"create index concurrently taken on t (id)", "42P07"},
        std::pair{"drop index concurrently no_such_index", "42704"},
        std::pair{"alter table p detach partition no_such_table concurrently", "42P01"},
        std::pair{"alter table p detach partition apart concurrently", "42P01"},
        std::pair{"commit prepared 'no_such_transaction'", "42704"}}) {
    const auto file = steps({{"1_a.sql", sql}});
    for (int run = 0; run < 3; ++run) {
      EXPECT_EQ(error_of([&] { return up(file); }).sqlstate(), state) << sql << " run " << run;
    }
    EXPECT_THAT(states(file), ElementsAre(State::partial)) << sql;
    db.script("delete from schema_migrations");
  }
}

TEST_F(LoneStatements, AnIndexWhoseOwnFunctionFailsIsDroppedAndBuiltAgain) {
  db.script(
      "create table t (id int); insert into t values (1);"
      "create function f(int) returns int immutable language plpgsql as"
      " $$begin return (select max(id) from no_such_table) + $1; end$$");
  const auto file = steps({{"1_a.sql", "create index concurrently i on t (f(id))"}});
  EXPECT_EQ(error_of([&] { return up(file); }).sqlstate(), "42P01");
  EXPECT_EQ(number("select count(*) from pg_index where not indisvalid"), 1);
  db.script("create or replace function f(int) returns int immutable language sql as 'select $1'");
  EXPECT_EQ(up(file).size(), 1U);
  EXPECT_EQ(number("select count(*) from pg_index where not indisvalid"), 0);
}

TEST_F(LoneStatements, WhatWasUndoneMayNotChangeEither) {
  const std::string first = "-- loci: no transaction\ndrop table a; drop table b";
  const std::string changed = "-- loci: no transaction\nalter table a add x int; drop table b";
  const MigrationFile up_file{"1_a.up.sql", "create table a (id int); create table b (id int)"};
  (void)up(steps({up_file, {"1_a.down.sql", first}}));
  db.script("create view v as select * from b");
  (void)error_of([&] { return down(steps({up_file, {"1_a.down.sql", first}}), 1); });
  db.script("drop view v");
  const Error error =
      error_of([&] { return down(steps({up_file, {"1_a.down.sql", changed}}), 1); });
  EXPECT_EQ(error.kind(), ErrorKind::configuration);
  EXPECT_THAT(error.what(), HasSubstr("its first 1 statements"));
  EXPECT_THAT(told(down(steps({up_file, {"1_a.down.sql", first}}), 1)), ElementsAre("-1_a"));
}

TEST_F(LoneStatements, APreparedTransactionThatIsGoneWasEndedByTheRunThatBegan) {
  begun_by_an_earlier_version();
  EXPECT_THAT(told(up(steps({{"1_a.sql", "commit prepared 'it''s gone'"}}))), ElementsAre("+1_a"));
}

TEST_F(LoneStatements, AReindexClearsUpAfterItselfAndNobodyElse) {
  db.script(
      "create table mine (id int); create index mine_id on mine (id);"
      "create table theirs (id int); create index theirs_id_ccnew on theirs (id);"
      "create index mine_id_ccnew on mine (id)");
  // Invalid, as a REINDEX that was cut off leaves them; only a superuser can plant that.
  test::Database admin({.conninfo = test::TestServer::instance().admin_dsn(
                            text("select current_database()::text"))});
  admin.script(
      "update pg_index set indisvalid = false"
      " where indexrelid in ('theirs_id_ccnew'::regclass, 'mine_id_ccnew'::regclass)");
  const auto file = steps({{"1_a.sql", "reindex table concurrently mine"}});
  begun_by_an_earlier_version();
  EXPECT_THAT(told(up(file)), ElementsAre("+1_a")) << "a row of an earlier version, too";
  EXPECT_EQ(text("select string_agg(indexrelid::regclass::text, ' ') from pg_index"
                 " where not indisvalid"),
            "theirs_id_ccnew");
}

TEST_F(LoneStatements, EightMigratorsRunEachOnce) {
  db.script("create table t (id int)");
  const auto files =
      steps({{"1_a.sql", k_unique}, {"2_b.sql", "vacuum t"}, {"R__r.sql", "select 1"}});
  std::vector<Migrator> migrators(8, Migrator(db.pool, files));
  std::vector<std::future<std::vector<MigrationStep>>> running;
  for (Migrator& each : migrators) {
    running.push_back(
        boost::asio::co_spawn(db.runtime.executor(), each.up(soon()), boost::asio::use_future));
  }
  std::size_t applied = 0;
  for (auto& each : running) applied += each.get().size();
  EXPECT_EQ(applied, 3U);
  EXPECT_EQ(number("select count(*) from u"), 1);
}

}  // namespace
}  // namespace loci::schema
