// Files that cannot run in a transaction.
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
