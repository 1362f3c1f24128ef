#include <loci/storage/limits.hpp>

#include "storage/conformance/trial.hpp"

// What messages do beside what every record does.
namespace loci::storage::conformance {
namespace {

struct Messages : Conformance {
  static std::vector<std::string> contents(const std::vector<Message>& found) {
    return each(found, &Message::content);
  }
  /// Says something in answer to a message.
  Message answer(const Message& to, std::string content, std::string role = "user") {
    NewMessage made = new_message(std::move(content), std::move(role));
    made.parent_id = to.id;
    return run(messages().append(to.conversation_id, {made})).at(0);
  }
  Conversation again(const Conversation& before) {
    return run(conversations().get(before.id)).value();
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, Messages, every_storage(), storage_name);

// Appending.
TEST_P(Messages, AreNumberedFromOne) {
  const auto said = say(conversation().id, {"a", "b", "c"});
  EXPECT_THAT(each(said, &Message::seq), ElementsAre(1, 2, 3));
}

TEST_P(Messages, GoOnWithTheNumbersOfThoseBefore) {
  const auto home = talk({"a", "b"});
  EXPECT_EQ(say_one(home.id).seq, 3);
}

TEST_P(Messages, FollowOneAnother) {
  const auto said = say(conversation().id, {"a", "b", "c"});
  EXPECT_THAT(each(said, &Message::parent_id), ElementsAre(std::nullopt, said[0].id, said[1].id));
}

TEST_P(Messages, FollowTheLeafOfTheirConversation) {
  const auto home = conversation();
  const auto said = say(home.id, {"a", "b"});
  EXPECT_EQ(say_one(home.id).parent_id, said[1].id);
}

TEST_P(Messages, BecomeTheLeafOfTheirConversation) {
  const auto home = conversation();
  const auto said = say(home.id, {"a", "b"});
  EXPECT_EQ(again(home).current_leaf_id, said[1].id);
  EXPECT_EQ(again(home).last_seq, 2);
}

TEST_P(Messages, ChangeTheVersionOfTheirConversation) {
  const auto home = conversation();
  (void)say_one(home.id);
  EXPECT_GT(again(home).version, home.version);
  EXPECT_GE(again(home).updated_at, home.updated_at);
}

TEST_P(Messages, KeepWhatWasGiven) {
  NewMessage made = new_message("content 🦆", "assistant");
  made.id = Uuid::v7();
  made.model = "model-1";
  made.source_id = "node-7";
  made.parts = JsonText{"{ \"a\":1,\"a\" : \"\\u0000\" }"};
  made.created_at = at("2001-02-03T04:05:06.789012Z");
  const auto stored = run(messages().append(conversation().id, {made})).at(0);
  const auto read = run(messages().get(*made.id)).value();
  for (const Message& one : {stored, read}) {
    EXPECT_EQ(one.content, made.content);
    EXPECT_EQ(one.role, "assistant");
    EXPECT_EQ(one.model, made.model);
    EXPECT_EQ(one.source_id, made.source_id);
    EXPECT_EQ(one.parts, made.parts);
    EXPECT_EQ(one.created_at, *made.created_at);
  }
}

TEST_P(Messages, MayBeEmpty) {
  EXPECT_EQ(say_one(conversation().id, "").content, "");
}

TEST_P(Messages, OfAConversationThatIsNotThereAreRefused) {
  EXPECT_EQ(refusal(messages().append(nobody(), {new_message("x")})), "invalid argument");
}

TEST_P(Messages, CreatedInAConversationThatIsNotThereAreRefused) {
  NewMessage made = new_message("x");
  made.conversation_id = nobody();
  EXPECT_NE(refusal(messages().create(made)), "nothing");
}

TEST_P(Messages, ThatAreTheirOwnParentsAreRefused) {
  NewMessage made = new_message("x");
  made.conversation_id = conversation().id;
  made.id = Uuid::v7();
  made.parent_id = made.id;
  EXPECT_EQ(refusal(messages().create(made)), "invalid argument");
  EXPECT_EQ(refusal(messages().append(made.conversation_id, {made})), "invalid argument");
  EXPECT_EQ(refusal(messages().create_batch({made})), "invalid argument");
  EXPECT_FALSE(run(messages().create_each({made})).at(0));
  EXPECT_EQ(run(messages().count()), 0);
}

TEST_P(Messages, AppendedAgainAreRefusedForTheirId) {
  NewMessage made = new_message("x");
  made.id = Uuid::v7();
  const Uuid home = conversation().id;
  (void)run(messages().append(home, {made}));
  EXPECT_EQ(refusal(messages().append(home, {made})), "23505");
  NewMessage other = new_message("y");
  other.id = Uuid::v7();
  EXPECT_EQ(refusal(messages().append(home, {other, other})), "23505");
}

TEST_P(Messages, WithAParentThatStandsLaterInTheBatchAreRefused) {
  NewMessage first = new_message("first");
  NewMessage second = new_message("second");
  first.conversation_id = second.conversation_id = conversation().id;
  first.id = Uuid::v7();
  second.id = Uuid::v7();
  first.parent_id = second.id;
  EXPECT_EQ(refusal(messages().append(first.conversation_id, {first, second})), "invalid argument");
  EXPECT_EQ(refusal(messages().create_batch({first, second})), "invalid argument");
  second.parent_id = first.id;
  EXPECT_EQ(refusal(messages().create_batch({first, second})), "invalid argument") << "a circle";
  second.parent_id.reset();
  const auto outcomes = run(messages().create_each({first, second}));
  EXPECT_FALSE(outcomes.at(0));
  EXPECT_TRUE(outcomes.at(1));
}

TEST_P(Messages, WithTheNilIdAreRefused) {
  NewMessage made = new_message("x");
  made.conversation_id = conversation().id;
  made.id = Uuid();
  EXPECT_EQ(refusal(messages().create(made)), "invalid argument");
  EXPECT_EQ(refusal(conversations().create({.id = Uuid(), .user_id = "ann"})), "invalid argument");
  EXPECT_EQ(refusal(tools().create({.id = Uuid(), .name = "x"})), "invalid argument");
  NewMemory fact = new_memory("x");
  fact.id = Uuid();
  EXPECT_EQ(refusal(memories().create(fact)), "invalid argument");
}

TEST_P(Messages, AtTimesBeforeThoseOfTheDatabaseAreRefused) {
  const Timestamp first = Timestamp(std::chrono::microseconds(-210'866'803'200'000'000));
  const auto before = first - std::chrono::microseconds(1);
  NewMessage made = new_message("x");
  made.conversation_id = conversation().id;
  made.created_at = before;
  EXPECT_EQ(refusal(messages().create(made)), "invalid argument");
  EXPECT_EQ(refusal(conversations().create({.user_id = "ann", .created_at = before})),
            "invalid argument");
  EXPECT_EQ(refusal(conversations().purge_deleted(before)), "invalid argument");
  made.created_at = first;
  EXPECT_EQ(run(messages().create(made)).created_at, first);
  NewMemory fact = new_memory("x");
  fact.valid_from = before;
  EXPECT_EQ(refusal(memories().create(fact)), "invalid argument");
  EXPECT_EQ(refusal(memories().update(nobody(), {.expires_at = std::optional(before)})),
            "invalid argument");
  EXPECT_EQ(refusal(memories().sweep(before)), "invalid argument");
}

TEST_P(Messages, WithAParentThatIsNotThereAreRefused) {
  NewMessage made = new_message("x");
  made.parent_id = nobody();
  EXPECT_EQ(refusal(messages().append(conversation().id, {made})), "23503");
}

TEST_P(Messages, WithAParentInAnotherConversationAreRefused) {
  NewMessage made = new_message("x");
  made.parent_id = say_one(conversation().id).id;
  EXPECT_EQ(refusal(messages().append(conversation().id, {made})), "invalid argument");
}

TEST_P(Messages, OfARoleThatIsNoneAreRefused) {
  EXPECT_EQ(refusal(messages().append(conversation().id, {new_message("x", "robot")})),
            "invalid argument");
}

TEST_P(Messages, AppendedTogetherAreStoredAllOrNone) {
  const auto home = conversation();
  const auto there = say_one(home.id);
  NewMessage taken = new_message("taken");
  taken.id = there.id;
  EXPECT_EQ(refusal(messages().append(home.id, {new_message("x"), taken})), "23505");
  EXPECT_EQ(again(home).last_seq, 1);
  EXPECT_EQ(run(messages().count()), 1);
}

TEST_P(Messages, LeaveNoGapBehindWhatFailed) {
  const auto home = conversation();
  (void)refusal(messages().append(home.id, {new_message("x"), new_message("y", "robot")}));
  EXPECT_EQ(say_one(home.id).seq, 1);
}

TEST_P(Messages, AppendedInNothingChangeNothing) {
  const auto home = conversation();
  EXPECT_THAT(run(messages().append(home.id, {})), IsEmpty());
  EXPECT_EQ(again(home).version, home.version);
}

TEST_P(Messages, OfSeveralConversationsMayComeInOneBatch) {
  const auto one = conversation();
  const auto other = conversation();
  std::vector<NewMessage> made;
  for (const Uuid& home : {one.id, other.id, one.id, other.id}) {
    made.push_back(new_message("x"));
    made.back().conversation_id = home;
  }
  const auto stored = run(messages().create_batch(made));
  EXPECT_THAT(each(stored, &Message::seq), ElementsAre(1, 1, 2, 2));
  EXPECT_EQ(stored[2].parent_id, stored[0].id);
  EXPECT_EQ(stored[3].parent_id, stored[1].id);
}

TEST_P(Messages, AppendedByManyAtOnceAreNumberedWithoutGaps) {
  const auto home = conversation();
  std::vector<Task<void>> works;
  for (int i = 0; i < 40; ++i) {
    works.push_back(
        append_to(messages(), home.id, {new_message("x"), new_message("y", "assistant")}));
  }
  run_all(std::move(works));
  const auto stored = run(messages().after(home.id, 0, 1000));
  ASSERT_THAT(stored, SizeIs(80));
  for (std::size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(stored[i].seq, static_cast<std::int64_t>(i) + 1);
  }
  EXPECT_EQ(again(home).last_seq, 80);
}

TEST_P(Messages, AppendedByManyAtOnceFollowOneAnother) {
  const auto home = conversation();
  std::vector<Task<void>> works;
  for (int i = 0; i < 20; ++i) {
    works.push_back(append_to(messages(), home.id, {new_message("x")}));
  }
  run_all(std::move(works));
  EXPECT_THAT(run(messages().path(again(home).current_leaf_id.value())), SizeIs(20));
}

// Reading.
TEST_P(Messages, AreListedInOrderOfSeq) {
  const auto home = talk({"a", "b", "c"});
  const auto page = run(messages().list(MessageFields::conversation_id.eq(home.id)));
  EXPECT_THAT(contents(page.items), ElementsAre("a", "b", "c"));
}

TEST_P(Messages, AreReadAfterASeq) {
  const auto home = talk({"a", "b", "c", "d"});
  EXPECT_THAT(contents(run(messages().after(home.id, 1, 2))), ElementsAre("b", "c"));
  EXPECT_THAT(run(messages().after(home.id, 4, 2)), IsEmpty());
}

TEST_P(Messages, AreReadFromTheEnd) {
  const auto home = talk({"a", "b", "c"});
  EXPECT_THAT(contents(run(messages().latest(home.id, 2))), ElementsAre("c", "b"));
}

TEST_P(Messages, AreReadWithinALimit) {
  const auto home = talk({"a"});
  for (const std::int32_t limit : {0, -1, limits::list + 1}) {
    EXPECT_EQ(refusal(messages().latest(home.id, limit)), "invalid argument") << limit;
    EXPECT_EQ(refusal(messages().after(home.id, 0, limit)), "invalid argument") << limit;
    EXPECT_EQ(refusal(messages().context(home.id, limit)), "invalid argument") << limit;
  }
}

TEST_P(Messages, OfAConversationThatIsNotThereAreNone) {
  EXPECT_THAT(run(messages().latest(nobody(), 9)), IsEmpty());
  EXPECT_THAT(run(messages().after(nobody(), 0, 9)), IsEmpty());
  EXPECT_THAT(run(messages().context(nobody(), 9)), IsEmpty());
  EXPECT_THAT(run(messages().path(nobody())), IsEmpty());
  EXPECT_THAT(run(messages().replies(nobody())), IsEmpty());
}

// Branches.
TEST_P(Messages, WithOneParentAreBranches) {
  const auto said = say(conversation().id, {"question", "answer"});
  const auto other = answer(said[0], "another answer", "assistant");
  EXPECT_THAT(contents(run(messages().replies(said[0].id))),
              ElementsAre("answer", "another answer"));
  EXPECT_THAT(run(messages().replies(other.id)), IsEmpty());
}

TEST_P(Messages, OfOneBranchAreItsPath) {
  const auto said = say(conversation().id, {"question", "answer"});
  const auto other = answer(said[0], "another answer", "assistant");
  const auto last = answer(other, "thanks");
  EXPECT_THAT(contents(run(messages().path(last.id))),
              ElementsAre("question", "another answer", "thanks"));
  EXPECT_THAT(contents(run(messages().path(said[1].id))), ElementsAre("question", "answer"));
}

TEST_P(Messages, OfTheBranchLastWorkedOnAreTheContext) {
  const auto home = conversation();
  const auto said = say(home.id, {"question", "answer"});
  (void)answer(said[0], "another answer", "assistant");
  EXPECT_THAT(contents(run(messages().context(home.id, 9))),
              ElementsAre("question", "another answer"));
  (void)run(conversations().update(home.id, {.current_leaf_id = said[1].id}));
  EXPECT_THAT(contents(run(messages().context(home.id, 9))), ElementsAre("question", "answer"));
}

TEST_P(Messages, OfAContextAreTheLastOnes) {
  const auto home = talk({"a", "b", "c"});
  EXPECT_THAT(contents(run(messages().context(home.id, 2))), ElementsAre("b", "c"));
  EXPECT_THAT(contents(run(messages().context(home.id, 3))), ElementsAre("a", "b", "c"));
}

TEST_P(Messages, OfAConversationWithoutALeafAreNoContext) {
  EXPECT_THAT(run(messages().context(conversation().id, 9)), IsEmpty());
}

// A call, two results, and an answer: question, call, result 1, result 2, answer.
struct Contexts : Messages {
  void SetUp() override {
    Messages::SetUp();
    home_ = conversation().id;
    (void)say_one(home_, "question");
    const auto first = call(home_, "call-1");
    (void)run(executions().create(
        {.message_id = first.message_id, .tool_call_id = "call-2", .tool_name = "search"}));
    for (const char* id : {"1", "2"}) {
      const auto result = say_one(home_, std::string("result ") + id, result_role());
      (void)run(
          executions().update({first.message_id, std::string("call-") + id},
                              {.status = "ok", .result_message_id = std::optional(result.id)}));
    }
    (void)say_one(home_, "answer", "assistant");
  }
  virtual std::string result_role() { return "tool"; }
  std::vector<std::string> context(std::int32_t limit) {
    return contents(run(messages().context(home_, limit)));
  }
  Uuid home_;
};
INSTANTIATE_TEST_SUITE_P(Storages, Contexts, every_storage(), storage_name);

TEST_P(Contexts, HoldACallWithItsResults) {
  EXPECT_THAT(context(4), ElementsAre("Let me see.", "result 1", "result 2", "answer"));
}
TEST_P(Contexts, LeaveOutResultsWithoutTheirCall) {
  EXPECT_THAT(context(3), ElementsAre("answer"));
}
TEST_P(Contexts, LeaveOutTheSecondResultToo) {
  EXPECT_THAT(context(2), ElementsAre("answer"));
}
TEST_P(Contexts, HoldAllWhenTheLimitIsWide) {
  EXPECT_THAT(context(5), SizeIs(5));
}

// The same where results are carried by messages of the user.
struct ContextsOfLinkedResults : Contexts {
  std::string result_role() override { return "user"; }
};
INSTANTIATE_TEST_SUITE_P(Storages, ContextsOfLinkedResults, every_storage(), storage_name);

TEST_P(ContextsOfLinkedResults, HoldACallWithItsResults) {
  EXPECT_THAT(context(4), ElementsAre("Let me see.", "result 1", "result 2", "answer"));
}
TEST_P(ContextsOfLinkedResults, LeaveOutResultsWithoutTheirCall) {
  EXPECT_THAT(context(3), ElementsAre("answer"));
  EXPECT_THAT(context(2), ElementsAre("answer"));
}

// Changing.
TEST_P(Messages, KeepTheirPlaceWhenTheyAreChanged) {
  const auto said = say(conversation().id, {"a", "b"});
  const auto changed = run(messages().update(said[1].id, {.content = "B"})).value();
  EXPECT_EQ(changed.seq, 2);
  EXPECT_EQ(changed.parent_id, said[0].id);
  EXPECT_EQ(changed.created_at, said[1].created_at);
}

TEST_P(Messages, LoseTheirPartsAndModelByAnExplicitNull) {
  NewMessage made = new_message("x");
  made.parts = JsonText{"[]"};
  made.model = "model-1";
  const auto stored = run(messages().append(conversation().id, {made})).at(0);
  const auto kept = run(messages().update(stored.id, {.content = "y"})).value();
  EXPECT_EQ(kept.parts, made.parts);
  EXPECT_EQ(kept.model, made.model);
  const auto lost = run(messages().update(
      stored.id, {.parts = std::optional<JsonText>(), .model = std::optional<std::string>()}));
  EXPECT_EQ(lost.value().parts, std::nullopt);
  EXPECT_EQ(lost.value().model, std::nullopt);
}

// Erasing.
TEST_P(Messages, ThatAreErasedLeaveTheirAnswersToTheirParent) {
  const auto said = say(conversation().id, {"a", "b", "c"});
  (void)run(messages().erase(said[1].id));
  EXPECT_EQ(run(messages().get(said[2].id)).value().parent_id, said[0].id);
  EXPECT_THAT(contents(run(messages().path(said[2].id))), ElementsAre("a", "c"));
}

TEST_P(Messages, WithoutAParentLeaveTheirAnswersWithoutOne) {
  const auto said = say(conversation().id, {"a", "b"});
  (void)run(messages().erase(said[0].id));
  EXPECT_EQ(run(messages().get(said[1].id)).value().parent_id, std::nullopt);
}

TEST_P(Messages, ThatAreErasedLeaveTheirNumberUnused) {
  const auto home = conversation();
  const auto said = say(home.id, {"a", "b"});
  (void)run(messages().erase(said[1].id));
  EXPECT_EQ(say_one(home.id).seq, 3);
}

TEST_P(Messages, ThatAreErasedPassTheLeafToTheirParent) {
  const auto home = conversation();
  const auto said = say(home.id, {"a", "b"});
  (void)run(messages().erase(said[1].id));
  EXPECT_EQ(again(home).current_leaf_id, said[0].id);
}

TEST_P(Messages, ThatAreErasedTakeTheirCallsWithThem) {
  const auto made = call(conversation().id);
  (void)run(messages().erase(made.message_id));
  EXPECT_EQ(run(executions().count()), 0);
}

TEST_P(Messages, ThatAreErasedAreNoResultAnyMore) {
  const auto home = conversation();
  const auto made = call(home.id);
  const auto result = say_one(home.id, "result", "tool");
  (void)run(executions().update(made.key(), {.result_message_id = std::optional(result.id)}));
  (void)run(messages().erase(result.id));
  EXPECT_EQ(run(executions().get(made.key())).value().result_message_id, std::nullopt);
}

TEST_P(Messages, ThatAreErasedTakeTheirVectorsWithThem) {
  const auto said = say_one(conversation().id);
  (void)run(embeddings().create(
      {.model_id = model().id, .content_id = said.id, .embedding = {{1, 0, 0}}}));
  (void)run(messages().erase(said.id));
  EXPECT_EQ(run(embeddings().count()), 0);
}

TEST_P(Messages, ThatAreErasedAreNoSourceAnyMore) {
  const auto said = say_one(conversation().id);
  NewMemory made = new_memory("x");
  made.sources = {said.id};
  const auto memory = run(memories().create(made));
  (void)run(messages().erase(said.id));
  EXPECT_THAT(run(memories().sources(memory.id)), IsEmpty());
}

}  // namespace
}  // namespace loci::storage::conformance
