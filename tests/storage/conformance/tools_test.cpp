#include <algorithm>

#include "storage/conformance/trial.hpp"

// What tools and their executions do beside what every record does.
namespace loci::storage::conformance {
namespace {

struct Tools : Conformance {
  Tool make(std::string name, std::string description = "") {
    return run(tools().create({.name = std::move(name), .description = std::move(description)}));
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, Tools, every_storage(), storage_name);

TEST_P(Tools, CountTheirVersionsByName) {
  EXPECT_EQ(make("search").tool_version, 1);
  EXPECT_EQ(make("search").tool_version, 2);
  EXPECT_EQ(make("write").tool_version, 1);
}

TEST_P(Tools, TakeTheVersionTheyAreGiven) {
  EXPECT_EQ(run(tools().create({.name = "search", .tool_version = 7})).tool_version, 7);
  EXPECT_EQ(make("search").tool_version, 8);
}

TEST_P(Tools, OfOneNameAndVersionAreStoredOnce) {
  (void)make("search");
  EXPECT_EQ(refusal(tools().create({.name = "search", .tool_version = 1})), "23505");
}

TEST_P(Tools, HaveVersionsFromOne) {
  EXPECT_EQ(refusal(tools().create({.name = "search", .tool_version = 0})), "invalid argument");
}

TEST_P(Tools, OfOneNameMayComeInOneBatch) {
  const NewTool made{.name = "search"};
  const auto stored = run(tools().create_batch({made, made, made}));
  EXPECT_THAT(each(stored, &Tool::tool_version), ElementsAre(1, 2, 3));
}

TEST_P(Tools, OfOneBatchAreNumberedInItsOrder) {
  (void)make("search");
  const NewTool next{.name = "search"};
  const NewTool fifth{.name = "search", .tool_version = 5};
  const NewTool third{.name = "search", .tool_version = 3};
  const auto stored = run(tools().create_batch(
      {next, fifth, next, {.name = "write"}, third, next, {.name = "write", .tool_version = 9}}));
  EXPECT_THAT(each(stored, &Tool::tool_version), ElementsAre(2, 5, 6, 1, 3, 7, 9));
  const NewTool other_fifth{.name = "read", .tool_version = 5};
  const auto two = run(tools().create_batch({other_fifth, {.name = "read"}}));
  EXPECT_THAT(each(two, &Tool::tool_version), ElementsAre(5, 6));
}

TEST_P(Tools, MadeByManyAtOnceAreNumberedOneByOne) {
  std::vector<Task<void>> works;
  for (int i = 0; i < 12; ++i) {
    works.push_back([](ToolRepository& all) -> Task<void> {
      (void)co_await all.create({.name = "search"});
    }(tools()));
  }
  run_all(std::move(works));
  EXPECT_EQ(run(tools().find("search")).value().tool_version, 12);
}

TEST_P(Tools, KeepTheirSchemaByteForByte) {
  const JsonText schema{"{ \"b\":1.0,\n \"a\": 1e3 }"};
  const auto stored = run(tools().create({.name = "search", .schema = schema}));
  EXPECT_EQ(run(tools().get(stored.id)).value().schema, schema);
}

TEST_P(Tools, AreFoundByNameTheNewestFirst) {
  (void)make("search", "old");
  (void)make("search", "new");
  EXPECT_EQ(run(tools().find("search")).value().description, "new");
}

TEST_P(Tools, AreFoundByNameAndVersion) {
  (void)make("search", "old");
  (void)make("search", "new");
  EXPECT_EQ(run(tools().find("search", 1)).value().description, "old");
  EXPECT_FALSE(run(tools().find("search", 3)));
  EXPECT_FALSE(run(tools().find("write")));
}

TEST_P(Tools, AreRegisteredOnceAsLongAsTheyAreTheSame) {
  const NewTool made{.name = "search", .description = "Looks", .schema = {R"({"a":1})"}};
  const auto first = run(tools().register_tool(made));
  const auto again = run(tools().register_tool(made));
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.version, first.version);
  EXPECT_EQ(run(tools().count()), 1);
}

TEST_P(Tools, WithAnotherDescriptionAreANewVersion) {
  (void)run(tools().register_tool({.name = "search", .description = "Looks"}));
  EXPECT_EQ(run(tools().register_tool({.name = "search", .description = "Finds"})).tool_version, 2);
}

TEST_P(Tools, WithAnotherSchemaAreANewVersion) {
  (void)run(tools().register_tool({.name = "search", .schema = {R"({"a":1})"}}));
  EXPECT_EQ(run(tools().register_tool({.name = "search", .schema = {R"({"a":2})"}})).tool_version,
            2);
}

TEST_P(Tools, OfAnOlderVersionAreRegisteredAnew) {
  (void)run(tools().register_tool({.name = "search", .description = "Looks"}));
  (void)run(tools().register_tool({.name = "search", .description = "Finds"}));
  EXPECT_EQ(run(tools().register_tool({.name = "search", .description = "Looks"})).tool_version, 3);
}

TEST_P(Tools, ThatAreRetiredAreRegisteredAnew) {
  const NewTool made{.name = "search", .description = "Looks"};
  const auto first = run(tools().register_tool(made));
  (void)run(tools().update(first.id, {.status = "retired"}));
  const auto second = run(tools().register_tool(made));
  EXPECT_EQ(second.tool_version, 2);
  EXPECT_EQ(second.status, "active");
}

TEST_P(Tools, RegisteredByManyAtOnceAreOne) {
  std::vector<Task<void>> works;
  for (int i = 0; i < 12; ++i) {
    works.push_back([](ToolRepository& all) -> Task<void> {
      (void)co_await all.register_tool({.name = "search", .description = "Looks"});
    }(tools()));
  }
  run_all(std::move(works));
  EXPECT_EQ(run(tools().count()), 1);
}

TEST_P(Tools, TakeAStatusThatThereIs) {
  const auto made = make("search");
  EXPECT_EQ(run(tools().update(made.id, {.status = "retired"})).value().status, "retired");
  EXPECT_EQ(refusal(tools().update(made.id, {.status = "broken"})), "invalid argument");
}

TEST_P(Tools, AreListedByName) {
  for (const char* name : {"b", "a", "c"}) (void)make(name);
  EXPECT_THAT(each(run(tools().list()).items, &Tool::name), ElementsAre("a", "b", "c"));
}

struct ToolExecutions : Conformance {
  void SetUp() override {
    Conformance::SetUp();
    home_ = conversation().id;
  }
  std::optional<ToolExecution> become(const ToolExecution& one, std::string status) {
    return run(executions().update(one.key(), {.status = std::move(status)}));
  }
  std::string refusal_to_become(const ToolExecution& one, std::string status) {
    return refusal(executions().update(one.key(), {.status = std::move(status)}));
  }
  Uuid home_;
};
INSTANTIATE_TEST_SUITE_P(Storages, ToolExecutions, every_storage(), storage_name);

TEST_P(ToolExecutions, AreOfTheConversationOfTheirMessage) {
  EXPECT_EQ(call(home_).conversation_id, home_);
}

TEST_P(ToolExecutions, OfAMessageThatIsNotThereAreRefused) {
  EXPECT_EQ(refusal(executions().create(
                {.message_id = nobody(), .tool_call_id = "c", .tool_name = "search"})),
            "23503");
}

TEST_P(ToolExecutions, OfAnErasedConversationAreRefused) {
  const auto said = say_one(home_);
  (void)run(conversations().erase(home_));
  EXPECT_EQ(refusal(executions().create(
                {.message_id = said.id, .tool_call_id = "c", .tool_name = "search"})),
            "23503");
}

TEST_P(ToolExecutions, KeepTheirArgumentsAndResultByteForByte) {
  const auto said = say_one(home_);
  const JsonText json{"{ \"b\":1.0,\n \"a\": \"\\u0000\" }"};
  const auto made = run(executions().create(
      {.message_id = said.id, .tool_call_id = "c", .tool_name = "search", .arguments = json}));
  const auto changed = run(executions().update(made.key(), {.result = std::optional(json)}));
  EXPECT_EQ(changed.value().arguments, json);
  EXPECT_EQ(changed.value().result, json);
}

TEST_P(ToolExecutions, EndWithAMessageOfTheirConversation) {
  const auto made = call(home_);
  const auto answer = say_one(home_, "42", "tool");
  const auto elsewhere = say_one(conversation().id, "42", "tool");
  const auto naming = [&](const Uuid& id) {
    return executions().update(made.key(),
                               {.status = "ok", .result_message_id = std::optional(id)});
  };
  EXPECT_EQ(refusal(naming(elsewhere.id)), "invalid argument");
  EXPECT_EQ(refusal(naming(nobody())), "invalid argument");
  EXPECT_EQ(run(executions().get(made.key())).value().status, "pending");
  EXPECT_EQ(run(naming(answer.id)).value().result_message_id, answer.id);
  ASSERT_TRUE(run(messages().erase(answer.id)));
  EXPECT_EQ(run(executions().get(made.key())).value().result_message_id, std::nullopt);
}

TEST_P(ToolExecutions, ThatBeginCountAnAttempt) {
  const auto running = become(call(home_), "running").value();
  EXPECT_EQ(running.attempts, 1);
  EXPECT_TRUE(running.started_at);
  EXPECT_FALSE(running.ended_at);
}

TEST_P(ToolExecutions, ThatEndHaveADuration) {
  const auto made = call(home_);
  (void)become(made, "running");
  const auto ended = become(made, "ok").value();
  ASSERT_TRUE(ended.duration());
  EXPECT_GE(ended.duration()->count(), 0);
}

TEST_P(ToolExecutions, ThatEndWithoutABeginningHaveNone) {
  const auto denied = become(call(home_), "denied").value();
  EXPECT_TRUE(denied.ended_at);
  EXPECT_FALSE(denied.duration());
  EXPECT_EQ(denied.attempts, 0);
}

TEST_P(ToolExecutions, ThatFailedMayBeTriedAgain) {
  const auto made = call(home_);
  (void)become(made, "running");
  (void)become(made, "error");
  const auto again = become(made, "running").value();
  EXPECT_EQ(again.attempts, 2);
  EXPECT_FALSE(again.ended_at);
}

TEST_P(ToolExecutions, ThatGoBackToPendingHaveNotEnded) {
  const auto made = call(home_);
  (void)become(made, "running");
  EXPECT_FALSE(become(made, "pending").value().ended_at);
}

TEST_P(ToolExecutions, ThatStayAsTheyAreCountNothing) {
  const auto made = call(home_);
  const auto running = become(made, "running").value();
  const auto still = become(made, "running").value();
  EXPECT_EQ(still.attempts, 1);
  EXPECT_EQ(still.started_at, running.started_at);
}

TEST_P(ToolExecutions, MayBecomeFromPendingWhatAnyoneMayBecome) {
  int made = 0;
  for (const char* status : {"running", "ok", "error", "denied", "cancelled"}) {
    const auto one = call(home_, std::to_string(++made));
    EXPECT_EQ(become(one, status).value().status, status);
  }
}

TEST_P(ToolExecutions, ThatAreFinalBecomeNothingElse) {
  int made = 0;
  for (const char* final : {"ok", "denied", "cancelled"}) {
    const auto one = call(home_, std::to_string(++made));
    (void)become(one, final);
    for (const char* status : {"pending", "running", "error"}) {
      EXPECT_EQ(refusal_to_become(one, status), "conflict") << final << " " << status;
    }
  }
}

TEST_P(ToolExecutions, ThatAreFinalMayStayAsTheyAre) {
  const auto one = call(home_);
  (void)become(one, "ok");
  EXPECT_EQ(become(one, "ok").value().status, "ok");
}

TEST_P(ToolExecutions, ThatFailedDoNotSucceedWithoutAnAttempt) {
  const auto one = call(home_);
  (void)become(one, "error");
  EXPECT_EQ(refusal_to_become(one, "ok"), "conflict");
}

TEST_P(ToolExecutions, BecomeNothingThatThereIsNot) {
  EXPECT_EQ(refusal_to_become(call(home_), "lost"), "invalid argument");
}

TEST_P(ToolExecutions, AreNotChangedByAStatusTheyMayNotHave) {
  const auto one = call(home_);
  (void)become(one, "ok");
  (void)refusal(executions().update(one.key(), {.status = "running", .error = "x"}));
  const auto same = run(executions().get(one.key())).value();
  EXPECT_EQ(same.status, "ok");
  EXPECT_EQ(same.error, std::nullopt);
}

TEST_P(ToolExecutions, LoseTheirResultByAnExplicitNull) {
  const auto one = call(home_);
  (void)run(executions().update(one.key(), {.result = std::optional(JsonText{"1"}),
                                            .error = std::optional<std::string>("x")}));
  const auto lost = run(executions().update(
      one.key(), {.result = std::optional<JsonText>(), .error = std::optional<std::string>()}));
  EXPECT_EQ(lost.value().result, std::nullopt);
  EXPECT_EQ(lost.value().error, std::nullopt);
}

TEST_P(ToolExecutions, ThatAreOpenAreClosed) {
  const auto pending = call(home_, "1");
  const auto running = call(home_, "2");
  const auto done = call(home_, "3");
  (void)become(running, "running");
  (void)become(done, "ok");
  EXPECT_EQ(run(executions().close_pending(home_)), 2);
  EXPECT_EQ(run(executions().get(pending.key())).value().status, "cancelled");
  EXPECT_TRUE(run(executions().get(running.key())).value().ended_at);
  EXPECT_EQ(run(executions().get(done.key())).value().status, "ok");
  EXPECT_EQ(run(executions().close_pending(home_)), 0);
}

TEST_P(ToolExecutions, OfAnotherConversationAreNotClosed) {
  const auto other = call(conversation().id);
  (void)call(home_);
  (void)run(executions().close_pending(home_));
  EXPECT_EQ(run(executions().get(other.key())).value().status, "pending");
}

TEST_P(ToolExecutions, AreFoundByToolAndStatus) {
  using E = ToolExecutionFields;
  (void)become(call(home_, "1", "search"), "ok");
  (void)call(home_, "2", "search");
  (void)become(call(home_, "3", "write"), "ok");
  const auto page = run(executions().list(E::tool_name.eq("search") && E::status.eq("ok")));
  EXPECT_THAT(each(page.items, &ToolExecution::tool_call_id), ElementsAre("1"));
}

TEST_P(ToolExecutions, AreListedNewestFirst) {
  // Ids of one millisecond that several threads make are in no order: so they are told here.
  std::vector<Uuid> asking;
  for (int i = 0; i < 3; ++i) asking.push_back(call(home_).message_id);
  std::ranges::sort(asking, std::greater());
  EXPECT_EQ(each(run(executions().list()).items, &ToolExecution::message_id), asking);
}

}  // namespace
}  // namespace loci::storage::conformance
