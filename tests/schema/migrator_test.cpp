#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <loci/schema/migrator.hpp>

#include "pg/ask.hpp"
#include "schema/migration_files.hpp"
#include "support/database.hpp"

namespace loci::schema {
namespace {

using test::ask;
using test::error_of;
using test::query;
using test::soon;
using test::value;
using testing::ElementsAre;
using testing::HasSubstr;
using State = MigrationStatus::State;

std::vector<Migration> steps(std::vector<MigrationFile> files) {
  return assemble(files);
}

// Two tables, one step each.
std::vector<Migration> two_tables() {
  return steps({{"0001_first.up.sql", "create table a (id int)"},
                {"0001_first.down.sql", "drop table a"},
                {"0002_second.up.sql", "create table b (id int); create index b_id on b (id)"},
                {"0002_second.down.sql", "drop table b"}});
}

// Everything the catalog says of the schema, in words.
constexpr std::string_view k_facts = R"(
select string_agg(fact, E'\n' order by fact) from (
  select format('column %s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)) as fact
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
  union all
  select format('relation %s %s %s %s %s', relname, relkind, relrowsecurity, relforcerowsecurity, relacl)
    from pg_class where relnamespace = 'public'::regnamespace
  union all
  select format('constraint %s %s', conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
  union all
  select 'index ' || indexdef from pg_indexes where schemaname = 'public'
  union all
  select format('policy %s %s %s %s %s', tablename, policyname, roles, qual, with_check) from pg_policies
  union all
  select format('function %s %s %s', pg_get_functiondef(p.oid), proowner::regrole, proacl)
    from pg_proc p where pronamespace = 'public'::regnamespace and prokind = 'f'
     and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
  union all
  select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
) facts)";

struct Migrators : testing::Test {
  std::vector<MigrationStep> up(std::vector<Migration> migrations, Deadline deadline = soon()) {
    Migrator migrator(db.pool, std::move(migrations));
    return db.run(migrator.up(deadline));
  }
  std::vector<MigrationStep> down(std::vector<Migration> migrations, int count) {
    Migrator migrator(db.pool, std::move(migrations));
    return db.run(migrator.down(count, soon()));
  }
  std::vector<State> states(std::vector<Migration> migrations) {
    Migrator migrator(db.pool, std::move(migrations));
    std::vector<State> all;
    for (const MigrationStatus& each : db.run(migrator.status(soon()))) {
      EXPECT_EQ(each.applied_at.has_value(), each.state != State::pending);
      all.push_back(each.state);
    }
    return all;
  }
  std::string text(std::string_view sql) {
    return db.run(value<pg::type::Text>(db.pool, query(sql)));
  }
  std::int64_t number(std::string_view sql) {
    return db.run(value<pg::type::Int8>(db.pool, query(sql)));
  }
  std::int64_t locks() {
    return number(
        "select count(*) from pg_locks where locktype = 'advisory' and database ="
        " (select oid from pg_database where datname = current_database())");
  }

  test::Database db{{}, 4};
};

TEST_F(Migrators, UpDownUpGivesTheSameSchema) {
  const auto& all = built_in_migrations();
  const int count = static_cast<int>(all.size());
  EXPECT_EQ(up(all).size(), all.size());
  const std::string first = text(k_facts);
  EXPECT_THAT(first, HasSubstr("search_messages"));

  EXPECT_EQ(down(all, count).size(), all.size());
  EXPECT_EQ(number("select count(*) from pg_class where relnamespace = 'public'::regnamespace"
                   " and relkind in ('r', 'p') and relname <> 'schema_migrations'"),
            0);
  EXPECT_EQ(up(all).size(), all.size());
  EXPECT_EQ(text(k_facts), first);
}

TEST_F(Migrators, EachStepDownAndUpAgainGivesTheSameSchema) {
  const auto& all = built_in_migrations();
  (void)up(all);
  const std::string first = text(k_facts);
  for (int count = 1; count <= static_cast<int>(all.size()); ++count) {
    (void)down(all, count);
    (void)up(all);
    EXPECT_EQ(text(k_facts), first) << count << " steps";
  }
}

TEST_F(Migrators, TheSchemaNeedsNoRightToMakeRolesWhereTheRoleIsThere) {
  EXPECT_EQ(number("select count(*) from pg_roles where rolname = current_user"
                   " and (rolcreaterole or rolsuper)"),
            0);
  EXPECT_NO_THROW((void)up(built_in_migrations()));
  EXPECT_EQ(number("select count(*) from pg_proc where proname = 'search_messages'"
                   " and proowner = 'loci_search'::regrole and prosecdef"),
            1);
}

TEST_F(Migrators, StatusTellsWhatIsAppliedAndWhatIsNot) {
  EXPECT_THAT(states(two_tables()), ElementsAre(State::pending, State::pending));
  (void)up({two_tables()[0]});
  EXPECT_THAT(states(two_tables()), ElementsAre(State::applied, State::pending));
  EXPECT_EQ(up(two_tables()).size(), 1U);
  EXPECT_EQ(up(two_tables()).size(), 0U);
  EXPECT_THAT(states(two_tables()), ElementsAre(State::applied, State::applied));
  EXPECT_THAT(states({two_tables()[0]}), ElementsAre(State::applied, State::foreign));
}

TEST_F(Migrators, AFileChangedAfterwardsIsRefused) {
  (void)up(two_tables());
  auto changed = two_tables();
  changed[1] = steps({{"0002_second.up.sql", "create table b (id bigint)"}})[0];
  EXPECT_THAT(states(changed), ElementsAre(State::applied, State::changed));
  for (const Error& error :
       {error_of([&] { return up(changed); }), error_of([&] { return down(changed, 1); })}) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_THAT(error.what(), HasSubstr("2_second"));
  }
  EXPECT_EQ(locks(), 0);
}

TEST_F(Migrators, ANewerDatabaseIsRefused) {
  (void)up(two_tables());
  const Error error = error_of([&] { return up({two_tables()[0]}); });
  EXPECT_EQ(error.kind(), ErrorKind::configuration);
  EXPECT_THAT(error.what(), HasSubstr("2_second"));
  EXPECT_EQ(locks(), 0);
}

TEST_F(Migrators, AStepThatFailsLeavesNothingAndIsNamed) {
  auto all = two_tables();
  all.push_back(steps({{"0003_third.up.sql", "create table c (id int); select 1/0"}})[0]);
  const Error error = error_of([&] { return up(all); });
  EXPECT_EQ(error.sqlstate(), "22012");
  EXPECT_THAT(error.what(), HasSubstr("migration 3_third"));
  EXPECT_THAT(states(all), ElementsAre(State::applied, State::applied, State::pending))
      << "the steps before it stay";
  EXPECT_EQ(number("select count(*) from pg_class where relname = 'c'"), 0);
  EXPECT_EQ(locks(), 0) << "the lock is released";
  all.back().up = "create table c (id int)";
  EXPECT_EQ(up(all).size(), 1U);
}

TEST_F(Migrators, AStepThatTakesTooLongLetsTheLockGo) {
  const auto slow = steps({{"1_slow.up.sql", "create table c (id int); select pg_sleep(60)"}});
  const Deadline deadline = Deadline::after(std::chrono::milliseconds(300));
  const Error error = error_of([&] { return up(slow, deadline); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  EXPECT_THAT(error.what(), HasSubstr("1_slow"));
  EXPECT_TRUE(test::eventually([&] { return locks() == 0; }));
  EXPECT_EQ(up(two_tables()).size(), 2U);
}

TEST_F(Migrators, WhoFindsTheLockTakenSaysSoWhenItsTimeIsUp) {
  pg::Lease other = db.run(db.pool.acquire(soon()));
  (void)db.run(ask(other, query("select pg_advisory_lock(1819239273, 1)")));
  const Deadline deadline = Deadline::after(std::chrono::milliseconds(250));
  const Error error = error_of([&] { return up(two_tables(), deadline); });
  EXPECT_EQ(error.kind(), ErrorKind::timeout);
  (void)db.run(ask(other, query("select pg_advisory_unlock(1819239273, 1)")));
  EXPECT_EQ(up(two_tables()).size(), 2U);
}

TEST_F(Migrators, EightAtOnceApplyEachStepOnce) {
  std::vector<Migrator> migrators(8, Migrator(db.pool, built_in_migrations()));
  std::vector<std::future<std::vector<MigrationStep>>> running;
  for (Migrator& each : migrators) {
    running.push_back(
        boost::asio::co_spawn(db.runtime.executor(), each.up(soon()), boost::asio::use_future));
  }
  std::size_t applied = 0;
  for (auto& each : running) applied += each.get().size();
  EXPECT_EQ(applied, built_in_migrations().size());
  EXPECT_EQ(locks(), 0);
}

TEST_F(Migrators, DownUndoesTheNewestFirstAndNoMoreThanAsked) {
  (void)up(two_tables());
  const auto undone = down(two_tables(), 1);
  ASSERT_EQ(undone.size(), 1U);
  EXPECT_EQ(undone[0].name, "second");
  EXPECT_TRUE(down(two_tables(), 0).empty());
  EXPECT_EQ(down(two_tables(), 9).size(), 1U);
  EXPECT_TRUE(down(two_tables(), 1).empty());
}

TEST_F(Migrators, AStepWithoutAWayBackIsNotUndone) {
  const auto one_way = steps({{"1_only.up.sql", "create table a (id int)"}});
  (void)up(one_way);
  EXPECT_EQ(error_of([&] { return down(one_way, 1); }).kind(), ErrorKind::configuration);
  EXPECT_THAT(states(one_way), ElementsAre(State::applied));
}

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

}  // namespace
}  // namespace loci::schema
