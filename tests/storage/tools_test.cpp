// What PostgreSQL itself decides about tools and their executions, under concurrency.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <set>

#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;

struct Tools : testing::Test, test::StorageFixture {
  Tools() : StorageFixture(4) {}

  static NewTool shell(std::string description = "Runs a command") {
    NewTool made;
    made.name = "bash";
    made.description = std::move(description);
    made.schema = {R"({ "type":"object" })"};
    return made;
  }
  // Runs the same eight times at once.
  template <class T>
  std::vector<T> eightfold(const std::function<Task<T>(int)>& work) {
    std::vector<std::future<T>> all;
    for (int n = 0; n < 8; ++n) {
      all.push_back(
          boost::asio::co_spawn(runtime.executor(), keeping(work, n), boost::asio::use_future));
    }
    std::vector<T> done;
    for (auto& each : all) done.push_back(each.get());
    return done;
  }
  template <class T>
  static Task<T> keeping(std::function<Task<T>(int)> work, int n) {
    co_return co_await work(n);
  }
  NewToolExecution call(std::string id) {
    NewToolExecution made;
    made.message_id = run(storage.messages().latest(conversation.id, 1)).at(0).id;
    made.tool_call_id = std::move(id);
    made.tool_name = "bash";
    return made;
  }

  Conversation conversation = talk({"list my files", "calling bash"});
};

TEST_F(Tools, ManyWhoRegisterTheSameAtOnceGetTheSameVersion) {
  const auto tools = eightfold<Tool>([&](int) { return storage.tools().register_tool(shell()); });
  std::set<Uuid> ids;
  for (const Tool& each : tools) ids.insert(each.id);
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(tools[0].tool_version, 1);
  EXPECT_EQ(tools[0].schema.text, R"({ "type":"object" })");
}

TEST_F(Tools, ManyWhoAddAVersionAtOnceAddOneEach) {
  const auto tools = eightfold<Tool>([&](int n) {
    return n % 2 == 0 ? storage.tools().create(shell())
                      : storage.tools().register_tool(shell(std::to_string(n)));
  });
  std::set<std::int32_t> versions;
  for (const Tool& each : tools) versions.insert(each.tool_version);
  EXPECT_EQ(versions, (std::set<std::int32_t>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_F(Tools, OfABatchAreNumberedInOrder) {
  NewTool other = shell();
  other.name = "python";
  const auto tools = run(storage.tools().create_batch({shell(), other, shell("2"), shell("3")}));
  std::vector<std::pair<std::string, std::int32_t>> found;
  for (const Tool& each : tools) found.emplace_back(each.name, each.tool_version);
  EXPECT_THAT(found, testing::ElementsAre(std::pair("bash", 1), std::pair("python", 1),
                                          std::pair("bash", 2), std::pair("bash", 3)));
}

TEST_F(Tools, AnExecutionIsEndedByOneOfThoseWhoTry) {
  const ToolExecution pending = run(storage.tool_executions().create(call("c1")));
  const std::vector<std::string> ends{"ok", "error", "denied", "cancelled"};
  const auto outcomes = eightfold<std::string>([&](int n) -> Task<std::string> {
    const std::string end = ends[static_cast<std::size_t>(n) % 4];
    try {
      (void)co_await storage.tool_executions().update(pending.key(), {.status = end});
      co_return end;
    } catch (const Error& error) {
      co_return std::string(to_string(error.kind()));
    }
  });
  std::set<std::string> ended(outcomes.begin(), outcomes.end());
  const std::string status = run(storage.tool_executions().get(pending.key())).value().status;
  EXPECT_EQ(ended, (std::set<std::string>{"conflict", status}));
}

TEST_F(Tools, EachAttemptIsCountedOnceWhoeverBeginsIt) {
  const ToolExecution pending = run(storage.tool_executions().create(call("c1")));
  (void)eightfold<bool>([&](int) -> Task<bool> {
    co_return (co_await storage.tool_executions().update(pending.key(), {.status = "running"}))
        .has_value();
  });
  EXPECT_EQ(run(storage.tool_executions().get(pending.key())).value().attempts, 1);
}

TEST_F(Tools, TimesAreTakenWhenTheyAreAlsoInsideATransaction) {
  const auto transaction = run(storage.begin());
  auto& executions = transaction->tool_executions();
  const ToolExecution made = run(executions.create(call("c1")));
  (void)run(executions.update(made.key(), {.status = "running"}));
  (void)run(executions.update(made.key(), {.status = "ok"}));
  const auto duration = run(executions.get(made.key())).value().duration();
  ASSERT_TRUE(duration);
  EXPECT_GT(duration->count(), 0);
}

TEST_F(Tools, ACallOfAMessageThatIsNotThereIsRefusedByTheForeignKey) {
  NewToolExecution stray = call("c1");
  stray.message_id = Uuid::v7();
  EXPECT_EQ(error_of([&] { return run(storage.tool_executions().create(stray)); }).sqlstate(),
            "23503");
  const NewToolExecution hidden = call("c2");
  ASSERT_TRUE(run(storage.conversations().erase(conversation.id)));
  EXPECT_EQ(error_of([&] { return run(storage.tool_executions().create(hidden)); }).sqlstate(),
            "23503");
}

}  // namespace
}  // namespace loci::storage
