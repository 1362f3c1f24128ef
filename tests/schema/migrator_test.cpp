#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <loci/schema/migrator.hpp>

#include "schema/migrators.hpp"

namespace loci::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

TEST_F(Migrators, WhoWaitsForTheLockIsToldOnceWhoHoldsIt) {
  pg::Lease other = db.run(db.pool.acquire(soon()));
  (void)db.run(ask(other, query("select pg_advisory_lock(1819239273, 1)")));
  std::vector<std::string> holders;
  Migrator migrator(db.pool, two_tables(),
                    {.on_wait = [&](const std::string& holder) { holders.push_back(holder); }});
  const Deadline deadline = Deadline::after(std::chrono::milliseconds(1600));
  (void)error_of([&] { return db.run(migrator.up(deadline)); });
  ASSERT_EQ(holders.size(), 1U);
  EXPECT_THAT(holders[0], HasSubstr("server process"));
  (void)db.run(ask(other, query("select pg_advisory_unlock(1819239273, 1)")));
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

}  // namespace
}  // namespace loci::schema
