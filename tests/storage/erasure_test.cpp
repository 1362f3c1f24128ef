// What is left of a user whom erase_user() removed: nothing, in any table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <map>
#include <set>
#include <sstream>

#include "pg/embedded/sql.hpp"
#include "storage/one_of_each.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using test::eventually;

struct Erasure : testing::Test, test::StorageFixture {
  Erasure() : StorageFixture(4) {}

  [[nodiscard]] std::string ask(const std::string& sql) const {
    return pg::embedded::run_statement(test::TestServer::instance().admin_dsn(database), sql);
  }
  // Every table of the database that has a tenant, with all its rows as text.
  [[nodiscard]] std::map<std::string, std::string> tables() const {
    std::istringstream names(
        ask("select string_agg(c.relname, ' ' order by c.relname) from pg_class c"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
            " where c.relkind in ('r', 'p') and not c.relispartition and"
            " c.relnamespace = 'public'::regnamespace"));
    std::map<std::string, std::string> found;
    for (std::string name; names >> name;) {
      found[name] = ask("select coalesce(string_agg(t::text, e'\\n' order by t::text), '') from " +
                        name + " t");
    }
    return found;
  }
};

TEST_F(Erasure, LeavesOfAUserNothingAndOfOthersEverything) {
  const test::OneOfEach bobs(*this, storage, "bob");
  bobs.queue_memory(*this);
  const auto before = tables();
  const test::OneOfEach anns(*this, storage, "ann");
  anns.queue_memory(*this);
  ASSERT_TRUE(run(storage.conversations().erase(anns.conversation.id))) << "a deleted one, too";
  (void)run(storage.tools().erase(anns.tool.id));  // everybody's
  const auto with_ann = tables();
  for (const auto& [name, rows] : with_ann) {
    EXPECT_TRUE(rows != before.at(name) || name == "tools" || name == "embedding_coverage") << name;
  }
  (void)run(storage.erase_user("ann"));
  EXPECT_EQ(tables(), before);
}

TEST_F(Erasure, ReportsWhatWasThereAndThatNothingIsLeft) {
  const test::OneOfEach anns(*this, storage, "ann");
  anns.queue_memory(*this);
  const ErasureReport report = run(storage.erase_user("ann"));
  EXPECT_EQ(report.user_id, "ann");
  std::map<std::string, std::int64_t> erased;
  for (const ErasedRows& each : report.tables) {
    erased[each.table] = each.erased;
    EXPECT_EQ(each.left, 0) << each.table;
  }
  const std::map<std::string, std::int64_t> wanted{
      {"conversations", 1},   {"messages", 3},       {"tool_executions", 1}, {"memories", 1},
      {"memory_versions", 1}, {"memory_sources", 1}, {"embeddings", 2},      {"embedding_jobs", 4}};
  EXPECT_EQ(erased, wanted);
  for (const ErasedRows& each : run(storage.erase_user("ann")).tables) {
    EXPECT_EQ(each.erased, 0) << "a second time: " << each.table;
  }
}

TEST_F(Erasure, NamesEveryTableThatHoldsSomethingOfUsers) {
  std::map<std::string, std::string> wanted = tables();
  for (const char* nobodys : {"tools", "embedding_coverage"}) wanted.erase(nobodys);
  std::set<std::string> named;
  for (const ErasedRows& each : run(storage.erase_user("ann")).tables) named.insert(each.table);
  for (const auto& [name, rows] : wanted) EXPECT_TRUE(named.contains(name)) << name;
}

TEST_F(Erasure, TakesMemoriesOfTheUsersConversationsWhoeverTheyAreOf) {
  const Conversation conversation = talk({"hello"});
  NewMemory shared;
  shared.scope.conversation_id = conversation.id;
  shared.content = "of everybody, in that conversation";
  (void)run(storage.memories().create(shared));
  (void)run(storage.erase_user("ann"));
  EXPECT_EQ(number("select count(*) from memories"), 0);
}

TEST_F(Erasure, IsOfOneTenant) {
  const auto other = storage.for_tenant(test::other_tenant());
  NewConversation same_name;
  same_name.user_id = "ann";
  (void)run(other->conversations().create(same_name));
  talk({"hello"});
  (void)run(storage.erase_user("ann"));
  EXPECT_EQ(run(other->conversations().count()), 1);
  (void)run(other->erase_user("ann"));
  EXPECT_EQ(run(other->conversations().count()), 0);
}

TEST_F(Erasure, OfNobodyIsRefused) {
  EXPECT_EQ(error_of([&] { return run(storage.erase_user("")); }).kind(),
            ErrorKind::invalid_argument);
}

// A worker has claimed the message and is about to store its vector.
TEST_F(Erasure, TakesTheVectorsThatAWorkerStoresMeanwhile) {
  const auto model = run(storage.embeddings().add_model("m", 2));
  const Conversation conversation = talk({"the secret"});
  const Uuid id = run(storage.messages().latest(conversation.id, 1)).at(0).id;
  pg::Transaction claim = run(pg::Transaction::begin(storage.pool(), {}, test::soon()));
  ASSERT_EQ(run(test::ask(claim, test::query("select from embedding_jobs for update"))).rows(), 1U);
  auto erased =
      boost::asio::co_spawn(runtime.executor(), storage.erase_user("ann"), boost::asio::use_future);
  ASSERT_TRUE(eventually([&] {
    return number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 1;
  }));
  const std::string store =
      "insert into embeddings (tenant_id, model_id, content_type, content_id, embedding,"
      " content_hash) values (loci_tenant(), " +
      std::to_string(model.id) + ", 'message', '" + id.str() + "', '[1,0]', '')";
  (void)run(test::ask(claim, test::query(store)));
  (void)run(test::ask(claim, test::query("delete from embedding_jobs")));
  run(claim.commit(test::soon()));
  (void)erased.get();
  EXPECT_EQ(number("select count(*) from embeddings"), 0);
}

// What others append meanwhile either comes before it, and goes, or finds no conversation.
TEST_F(Erasure, OutrunsThoseWhoKeepAppending) {
  const Conversation conversation = talk({"hello"});
  const auto appender = [](Storage& of, Uuid id) -> Task<bool> {
    for (;;) {
      try {
        (void)co_await of.messages().append(id, {message("more")});
      } catch (const Error& error) {
        co_return error.kind() == ErrorKind::invalid_argument;
      }
    }
  };
  std::vector<std::future<bool>> appenders;
  for (int i = 0; i < 6; ++i) {
    appenders.push_back(boost::asio::co_spawn(
        runtime.executor(), appender(storage, conversation.id), boost::asio::use_future));
  }
  ASSERT_TRUE(eventually([&] { return number("select count(*) from messages") > 20; }));
  (void)run(storage.erase_user("ann"));
  for (auto& each : appenders) EXPECT_TRUE(each.get());
  EXPECT_EQ(number("select count(*) from messages"), 0);
}

}  // namespace
}  // namespace loci::storage
