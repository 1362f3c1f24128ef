#include <algorithm>

#include "storage/conformance/trial.hpp"

// Transactions: what they see, what becomes of them, and where they meet.
namespace loci::storage::conformance {
namespace {

using enum pg::Isolation;

std::vector<NewMessage> one_message(std::string content) {
  return {new_message(std::move(content))};
}

struct Transactions : Conformance {
  std::unique_ptr<Transaction> begin_as(pg::Isolation isolation, bool read_only = false) {
    return run(storage().begin({.isolation = isolation, .read_only = read_only}));
  }
  std::string title(Repositories& at, const Conversation& one) {
    return run(at.conversations().get(one.id)).value().title;
  }
  std::string title(const Conversation& one) { return title(storage(), one); }
  Task<std::optional<Conversation>> rename(Repositories& at, const Conversation& one,
                                           std::string title) {
    return at.conversations().update(one.id, {.title = std::move(title)});
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, Transactions, every_storage(), storage_name);

TEST_P(Transactions, ThatAreLeftAloneAreUndone) {
  const auto one = conversation("before");
  {
    const auto transaction = run(storage().begin());
    (void)run(rename(*transaction, one, "after"));
  }
  EXPECT_EQ(title(one), "before");
}

TEST_P(Transactions, OfNothingCommit) {
  const auto transaction = run(storage().begin());
  EXPECT_EQ(refusal(transaction->commit()), "nothing");
}

TEST_P(Transactions, ReadWhatTheyWrote) {
  const auto one = conversation("before");
  const auto transaction = run(storage().begin());
  (void)run(rename(*transaction, one, "after"));
  EXPECT_EQ(title(*transaction, one), "after");
  const auto page = run(transaction->conversations().list(ConversationFields::title.eq("after")));
  EXPECT_THAT(page.items, SizeIs(1));
}

TEST_P(Transactions, DoSeveralThingsAsOne) {
  const auto transaction = run(storage().begin());
  const auto made = run(transaction->conversations().create({.user_id = "ann"}));
  const auto said = run(transaction->messages().append(made.id, {new_message("x")}));
  (void)run(transaction->tool_executions().create(
      {.message_id = said[0].id, .tool_call_id = "c", .tool_name = "search"}));
  NewMemory memory = new_memory("m");
  memory.sources = {said[0].id};
  (void)run(transaction->memories().create(memory));
  EXPECT_EQ(run(conversations().count()), 0);
  run(transaction->commit());
  EXPECT_EQ(run(conversations().count()), 1);
  EXPECT_EQ(run(messages().count()), 1);
  EXPECT_EQ(run(executions().count()), 1);
  EXPECT_EQ(run(memories().count()), 1);
}

TEST_P(Transactions, TakeNothingAfterACommit) {
  const auto transaction = run(storage().begin());
  (void)run(transaction->conversations().create({.user_id = "ann"}));
  run(transaction->commit());
  EXPECT_EQ(refusal(transaction->conversations().count()), "closed");
  EXPECT_EQ(refusal(transaction->commit()), "closed");
}

TEST_P(Transactions, TakeNothingAfterARollback) {
  const auto transaction = run(storage().begin());
  (void)run(transaction->conversations().create({.user_id = "ann"}));
  run(transaction->rollback());
  EXPECT_EQ(refusal(transaction->conversations().count()), "closed");
}

TEST_P(Transactions, TakeNothingAfterTheServerRefused) {
  const auto one = conversation();
  const auto transaction = run(storage().begin());
  EXPECT_EQ(refusal(transaction->conversations().create({.id = one.id, .user_id = "ann"})),
            "23505");
  EXPECT_EQ(refusal(transaction->conversations().count()), "25P02");
}

TEST_P(Transactions, ThatFailedDoNotCommit) {
  const auto one = conversation();
  const auto transaction = run(storage().begin());
  const auto made = run(transaction->conversations().create({.user_id = "ann"}));
  (void)refusal(transaction->conversations().create({.id = one.id, .user_id = "ann"}));
  EXPECT_EQ(refusal(transaction->commit()), "25P02");
  EXPECT_FALSE(run(conversations().exists(made.id)));
}

TEST_P(Transactions, ThatFailedRollBack) {
  const auto one = conversation();
  const auto transaction = run(storage().begin());
  (void)refusal(transaction->conversations().create({.id = one.id, .user_id = "ann"}));
  EXPECT_EQ(refusal(transaction->rollback()), "nothing");
}

TEST_P(Transactions, GoOnAfterWhatWasNeverSent) {
  const auto transaction = run(storage().begin());
  EXPECT_EQ(refusal(transaction->memories().create(new_memory(""))), "invalid argument");
  (void)run(transaction->memories().create(new_memory("x")));
  run(transaction->commit());
  EXPECT_EQ(run(memories().count()), 1);
}

TEST_P(Transactions, GoOnAfterAConflictOfVersions) {
  const auto one = conversation("before");
  const auto transaction = run(storage().begin());
  EXPECT_EQ(refusal(transaction->conversations().update(one.id, {.title = "x", .if_version = 9})),
            "conflict");
  (void)run(rename(*transaction, one, "after"));
  run(transaction->commit());
  EXPECT_EQ(title(one), "after");
}

TEST_P(Transactions, GoOnAfterAMessageToNoConversation) {
  const auto one = conversation();
  const auto transaction = run(storage().begin());
  EXPECT_EQ(refusal(transaction->messages().append(nobody(), {new_message("x")})),
            "invalid argument");
  (void)run(transaction->messages().append(one.id, {new_message("x")}));
  run(transaction->commit());
  EXPECT_EQ(run(messages().count()), 1);
}

TEST_P(Transactions, OnlyReadWhenTheyAreToOnlyRead) {
  const auto one = conversation();
  const auto transaction = begin_as(read_committed, true);
  EXPECT_EQ(title(*transaction, one), one.title);
  EXPECT_EQ(refusal(transaction->conversations().create({.user_id = "ann"})), "25006");
}

// What they see.
TEST_P(Transactions, OfReadCommittedSeeWhatIsCommittedMeanwhile) {
  const auto one = conversation("before");
  const auto transaction = begin_as(read_committed);
  EXPECT_EQ(title(*transaction, one), "before");
  (void)run(rename(storage(), one, "after"));
  EXPECT_EQ(title(*transaction, one), "after");
}

TEST_P(Transactions, OfRepeatableReadSeeTheirSnapshot) {
  const auto one = conversation("before");
  const auto transaction = begin_as(repeatable_read);
  EXPECT_EQ(title(*transaction, one), "before");
  (void)run(rename(storage(), one, "after"));
  (void)conversation("another");
  EXPECT_EQ(title(*transaction, one), "before");
  EXPECT_EQ(run(transaction->conversations().count()), 1);
}

TEST_P(Transactions, OfRepeatableReadSeeWhatWasErasedMeanwhile) {
  const auto one = conversation();
  const auto said = say_one(one.id);
  const auto transaction = begin_as(repeatable_read);
  (void)run(transaction->conversations().count());
  (void)run(conversations().purge(one.id));
  EXPECT_TRUE(run(transaction->conversations().get(one.id)));
  EXPECT_TRUE(run(transaction->messages().get(said.id)));
}

TEST_P(Transactions, OfRepeatableReadStreamWithoutAnythingMoving) {
  for (const char* name : {"a", "b", "c"}) (void)conversation(name);
  const auto transaction = begin_as(repeatable_read);
  RecordStream<Conversation> stream(transaction->conversations(), {},
                                    {.order_by = "title", .limit = 2});
  EXPECT_THAT(run(stream.next()), SizeIs(2));
  (void)conversation("d");
  EXPECT_THAT(run(stream.next()), SizeIs(1));
}

// Where they meet.
TEST_P(Transactions, OfRepeatableReadDoNotChangeWhatWasChangedMeanwhile) {
  const auto one = conversation("before");
  const auto transaction = begin_as(repeatable_read);
  (void)title(*transaction, one);
  (void)run(rename(storage(), one, "meanwhile"));
  EXPECT_EQ(refusal(rename(*transaction, one, "after")), "40001");
}

TEST_P(Transactions, OfRepeatableReadDoNotChangeWhatWasErasedMeanwhile) {
  const auto one = conversation();
  const auto transaction = begin_as(repeatable_read);
  (void)title(*transaction, one);
  (void)run(conversations().purge(one.id));
  EXPECT_EQ(refusal(rename(*transaction, one, "after")), "40001");
}

TEST_P(Transactions, ThatMetCanBeTriedAgain) {
  const auto one = conversation("before");
  const auto transaction = begin_as(repeatable_read);
  (void)title(*transaction, one);
  (void)run(rename(storage(), one, "meanwhile"));
  try {
    (void)run(rename(*transaction, one, "after"));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_TRUE(error.retryable());
  }
  const auto again = begin_as(repeatable_read);
  (void)run(rename(*again, one, "after"));
  run(again->commit());
  EXPECT_EQ(title(one), "after");
}

TEST_P(Transactions, OfRepeatableReadMeetWhoeverAppends) {
  const auto one = conversation();
  const auto transaction = begin_as(repeatable_read);
  (void)title(*transaction, one);
  (void)say_one(one.id);
  EXPECT_EQ(refusal(transaction->messages().append(one.id, {new_message("x")})), "40001");
}

TEST_P(Transactions, OfRepeatableReadThatChangeDifferentThingsDoNotMeet) {
  const auto one = conversation("one");
  const auto other = conversation("other");
  const auto first = begin_as(repeatable_read);
  const auto second = begin_as(repeatable_read);
  (void)run(rename(*first, one, "one, changed"));
  (void)run(rename(*second, other, "other, changed"));
  run(first->commit());
  run(second->commit());
  EXPECT_EQ(title(one), "one, changed");
  EXPECT_EQ(title(other), "other, changed");
}

TEST_P(Transactions, OfReadCommittedChangeWhatWasChangedMeanwhile) {
  const auto one = conversation("before");
  const auto transaction = begin_as(read_committed);
  (void)title(*transaction, one);
  (void)run(rename(storage(), one, "meanwhile"));
  (void)run(rename(*transaction, one, "after"));
  run(transaction->commit());
  EXPECT_EQ(title(one), "after");
}

TEST_P(Transactions, WaitForOneThatChangedTheSame) {
  const auto one = conversation();
  const auto transaction = run(storage().begin());
  (void)run(transaction->messages().append(one.id, {new_message("first")}));
  const auto finish = [](Transaction& open) -> Task<void> { co_await open.commit(); };
  std::vector<Task<void>> works;
  works.push_back(append_to(messages(), one.id, {new_message("second")}));
  works.push_back(finish(*transaction));
  run_all(std::move(works));
  EXPECT_THAT(each(run(messages().after(one.id, 0, 9)), &Message::content),
              ElementsAre("first", "second"));
}

TEST_P(Transactions, DoNotLoseWhatAnotherOneAdded) {
  const auto one = conversation();
  std::vector<Task<void>> works;
  for (int i = 0; i < 8; ++i) {
    works.push_back([](Storage& all, Uuid id) -> Task<void> {
      const auto open = co_await all.begin();
      co_await append_to(open->messages(), id, one_message("x"));
      co_await append_to(open->messages(), id, one_message("y"));
      co_await open->commit();
    }(storage(), one.id));
  }
  run_all(std::move(works));
  const auto stored = run(messages().after(one.id, 0, 99));
  ASSERT_THAT(stored, SizeIs(16));
  for (std::size_t i = 0; i < 16; i += 2) {
    EXPECT_EQ(stored[i].content + stored[i + 1].content, "xy") << i;
  }
}

TEST_P(Transactions, GiveUpWaitingAtTheDeadline) {
  const auto one = conversation();
  const auto transaction = run(storage().begin());
  (void)run(rename(*transaction, one, "held"));
  EXPECT_EQ(refusal(conversations().update(one.id, {.title = "x"},
                                           Deadline::after(std::chrono::milliseconds(500)))),
            "timeout");
}

TEST_P(Transactions, ThatBothMakeTheSameRefuseTheSecond) {
  const Uuid id = nobody();
  const auto first = run(storage().begin());
  (void)run(first->conversations().create({.id = id, .user_id = "ann"}));
  run(first->commit());
  const auto second = run(storage().begin());
  EXPECT_EQ(refusal(second->conversations().create({.id = id, .user_id = "ann"})), "23505");
}

TEST_P(Transactions, ThatMadeTheSameAndWereUndoneRefuseNobody) {
  const Uuid id = nobody();
  {
    const auto first = run(storage().begin());
    (void)run(first->conversations().create({.id = id, .user_id = "ann"}));
  }
  EXPECT_EQ(run(conversations().create({.id = id, .user_id = "ann"})).id, id);
}

// Each reads both, and changes the one that the other only read: no order of the two gives that.
TEST_P(Transactions, OfSerializableDoNotBothCommitWhatNoOrderGives) {
  const auto one = conversation("one");
  const auto other = conversation("other");
  const auto first = begin_as(serializable);
  const auto second = begin_as(serializable);
  for (const auto& each : {first.get(), second.get()}) {
    (void)title(*each, one);
    (void)title(*each, other);
  }
  std::vector<std::string> ends;
  const auto step = [&](auto task) { ends.push_back(refusal(std::move(task))); };
  step(rename(*first, one, "changed"));
  step(rename(*second, other, "changed"));
  step(first->commit());
  if (ends[1] == "nothing") step(second->commit());
  EXPECT_EQ(std::ranges::count(ends, "40001"), 1);
}

TEST_P(Transactions, OfRepeatableReadDoBothCommitIt) {
  const auto one = conversation("one");
  const auto other = conversation("other");
  const auto first = begin_as(repeatable_read);
  const auto second = begin_as(repeatable_read);
  for (const auto& each : {first.get(), second.get()}) {
    (void)title(*each, one);
    (void)title(*each, other);
  }
  (void)run(rename(*first, one, "changed"));
  (void)run(rename(*second, other, "changed"));
  run(first->commit());
  EXPECT_EQ(refusal(second->commit()), "nothing");
}

TEST_P(Transactions, OfSerializableCommitWhenTheyAreAlone) {
  const auto transaction = begin_as(serializable);
  const auto made = run(transaction->conversations().create({.user_id = "ann"}));
  for (int i = 0; i < 10; ++i) {
    (void)run(transaction->messages().append(made.id, {new_message(std::to_string(i))}));
  }
  run(transaction->commit());
  EXPECT_THAT(run(messages().after(made.id, 0, 99)), SizeIs(10));
}

TEST_P(Transactions, OfAViewSeeWhatTheViewSees) {
  const auto other = storage().for_tenant(Uuid::v7());
  const auto one = conversation();
  const auto transaction = run(other->begin());
  EXPECT_FALSE(run(transaction->conversations().get(one.id)));
  const auto made = run(transaction->conversations().create({.user_id = "ann"}));
  run(transaction->commit());
  EXPECT_TRUE(run(other->conversations().get(made.id)));
  EXPECT_FALSE(run(conversations().get(made.id)));
}

}  // namespace
}  // namespace loci::storage::conformance
