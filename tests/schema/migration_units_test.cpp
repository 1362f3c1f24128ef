#include "schema/migration_units.hpp"

#include <loci/base/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loci::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// `[statements]` in a transaction, `statement` alone.
std::vector<std::string> cut(std::string_view text) {
  std::vector<std::string> found;
  for (const MigrationUnit& unit : migration_units(text)) {
    const std::string sql(unit.sql);
    EXPECT_EQ(text.substr(unit.begin, unit.sql.size()), unit.sql);
    found.push_back(unit.transaction ? "[" + sql + "]" : sql);
  }
  return found;
}

TEST(MigrationUnits, AreOneTransactionUnlessAStatementRefusesIt) {
  EXPECT_THAT(cut("select 1; select 2;"), ElementsAre("[select 1; select 2]"));
  EXPECT_THAT(cut("-- a\nselect 1; -- b"), ElementsAre("[-- a\nselect 1]"));
  EXPECT_THAT(cut("-- nothing\n"), ElementsAre());
  EXPECT_THAT(cut("select 1; create index concurrently i on t (a); select 2"),
              ElementsAre("[select 1]", "create index concurrently i on t (a)", "[select 2]"));
}

TEST(MigrationUnits, KnowWhatCannotRunInATransaction) {
  for (const std::string_view alone :
       {"create unique index concurrently if not exists \"I\" on only s.t (a)",
        "drop index concurrently if exists s.i",
        "REINDEX TABLE CONCURRENTLY t",
        "reindex (concurrently, verbose) index i",
        "reindex database d",
        "vacuum",
        "vacuum full t",
        "alter system set work_mem = '1GB'",
        "create database d",
        "drop database if exists d",
        "create tablespace s location '/x'",
        "drop tablespace s",
        "alter database d set tablespace s",
        "cluster",
        "cluster verbose",
        "create subscription s connection '' publication p",
        "drop subscription s",
        "alter table p detach partition c concurrently",
        "commit prepared 'x'",
        "alter subscription s set publication p",
        "alter subscription s refresh publication"}) {
    EXPECT_THAT(cut(alone), ElementsAre(alone));
  }
  for (const std::string_view together :
       {"create index i on t (a)", "drop index i", "reindex table t", "cluster t using i",
        "alter table p detach partition c", "refresh materialized view concurrently v",
        "create function f() returns void begin atomic select 1; end",
        "create table vacuum (a int)", "select 'create index concurrently'",
        "do $$ begin execute 'vacuum'; end $$", "/* vacuum */ select 1",
        "alter type e add value 'x'"}) {
    EXPECT_THAT(cut(together).size(), 1U);
    EXPECT_THAT(cut(together)[0], testing::StartsWith("[")) << together;
  }
}

TEST(MigrationUnits, AValueThatIsUsedAfterItWasAddedNeedsATransactionOfItsOwn) {
  EXPECT_EQ(cut("alter type s.e add value if not exists 'x'; select 'y'").size(), 1U);
  EXPECT_EQ(cut("alter type s.e add value if not exists 'x'; insert into t values ('x')").size(),
            2U);
  EXPECT_EQ(cut("alter type e add value 'x'; do $$ begin perform 'x'::e; end $$").size(), 2U);
  EXPECT_EQ(cut("alter type e add value 'x'; alter type e add value 'y' after 'x'").size(), 1U);
}

TEST(MigrationUnits, AreStatementsWhereTheFileAsksForNoTransaction) {
  for (const std::string_view asks :
       {"-- +goose NO TRANSACTION", "-- migrate:up transaction:false",
        "-- +migrate Up notransaction", "---- tern: disable-tx ----", "-- loci: no transaction"}) {
    EXPECT_EQ(cut(std::string(asks) + "\nselect 1; select 2").size(), 2U) << asks;
  }
  EXPECT_EQ(cut("select '-- loci: no transaction'; select 2").size(), 1U);
}

TEST(MigrationUnits, KeepTogetherWhatTheFileItselfPutsIntoATransaction) {
  EXPECT_THAT(cut("begin; select 1; select 2; commit;"), ElementsAre("[select 1; select 2]"));
  EXPECT_THAT(cut("select 0; start transaction; select 1; select 2; end; vacuum"),
              ElementsAre("[select 0]", "[select 1; select 2]", "vacuum"));
}

TEST(MigrationUnits, RefuseWhatCouldNotBeFinishedAfterACrash) {
  for (const std::string_view bad :
       {"begin; select 1", "select 1;\ncommit", "rollback", "begin; begin; commit",
        "begin; vacuum; commit", "create index concurrently on t (a)", "discard all",
        "begin; discard all; commit", "select pg_catalog.pg_advisory_unlock_all()",
        "do $$ begin perform pg_advisory_unlock_all(); end $$",
        "alter subscription s add publication p", "alter subscription s drop publication p",
        "set role r; vacuum", "vacuum; set session authorization r; select 1",
        "set session role to r; vacuum", "select set_config('role', 'r', false); vacuum",
        "begin; set role r; select 1; commit; select 2"}) {
    try {
      (void)migration_units(bad);
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::configuration);
      EXPECT_THAT(error.what(), HasSubstr("line "));
    }
  }
  EXPECT_EQ(cut("begin; savepoint a; rollback to savepoint a; commit").size(), 1U);
}

TEST(MigrationUnits, ARoleIsNoMatterWhereItIsWholeOrEndsWithItsTransaction) {
  for (const std::string_view fine :
       {"set role r; select 1", "begin; set local role r; select 1; commit; vacuum",
        "vacuum; reset role", "set session authorization default; vacuum",
        "begin; set role r; select 1; commit",
        "create function f() returns void language sql as 'select pg_advisory_unlock_all()'"}) {
    EXPECT_NO_THROW((void)migration_units(fine)) << fine;
  }
}

TEST(MigrationUnits, KnowWhatTheySetInTheSession) {
  const auto settings = [](std::string_view text) {
    std::vector<std::string> found;
    for (const MigrationUnit& unit : migration_units(text)) {
      for (const std::string_view sql : session_settings(unit)) found.emplace_back(sql);
    }
    return found;
  };
  EXPECT_THAT(settings("set search_path = s; vacuum; SET SESSION work_mem = '1MB'; reset all;"
                       "select pg_catalog.set_config('a.b', 'c', false)"),
              ElementsAre("set search_path = s", "SET SESSION work_mem = '1MB'", "reset all",
                          "select pg_catalog.set_config('a.b', 'c', false)"));
  EXPECT_THAT(settings("set local a.b = 1; set transaction read only; set constraints all deferred;"
                       "select set_config('a.b', 'c', false), nextval('s'); update t set a = 1"),
              ElementsAre());
}

}  // namespace
}  // namespace loci::schema
