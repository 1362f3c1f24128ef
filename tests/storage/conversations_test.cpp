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
using testing::ElementsAre;
using F = ConversationFields;

struct Conversations : testing::Test, test::StorageFixture {
  ConversationRepository& conversations() { return storage.conversations(); }

  Conversation create(std::string user, std::string title = "") {
    NewConversation made;
    made.user_id = std::move(user);
    made.title = std::move(title);
    return run(conversations().create(std::move(made)));
  }
  ErrorKind refusal(NewConversation made) {
    return error_of([&] { return run(conversations().create(made)); }).kind();
  }
  ErrorKind refusal(ConversationPatch patch) {
    return error_of([&] { return run(conversations().update(Uuid::v7(), patch)); }).kind();
  }
};

TEST_F(Conversations, WhatIsCreatedIsReadBack) {
  NewConversation made;
  made.id = Uuid::v7();
  made.user_id = "ann";
  made.title = "Grüße 🦆";
  made.metadata = {R"({"a": 1})"};
  made.source = "chatgpt";
  made.source_id = "x-1";
  made.created_at = *parse_timestamp("2020-02-29T23:59:59.123456Z");
  const Conversation created = run(conversations().create(made));
  const Conversation read = run(conversations().get(*made.id)).value();
  for (const Conversation& each : {created, read}) {
    EXPECT_EQ(each.id, *made.id);
    EXPECT_EQ(each.user_id, "ann");
    EXPECT_EQ(each.title, "Grüße 🦆");
    EXPECT_EQ(each.status, "active");
    EXPECT_EQ(each.metadata.text, R"({"a": 1})");
    EXPECT_EQ(each.source, "chatgpt");
    EXPECT_EQ(each.source_id, "x-1");
    EXPECT_EQ(each.created_at, *made.created_at);
    EXPECT_EQ(each.updated_at, *made.created_at);
    EXPECT_FALSE(each.deleted_at);
    EXPECT_EQ(each.last_seq, 0);
  }
}

TEST_F(Conversations, OneThatIsNotThereIsNoError) {
  const Uuid nobody = Uuid::v7();
  EXPECT_FALSE(run(conversations().get(nobody)));
  EXPECT_FALSE(run(conversations().exists(nobody)));
  EXPECT_FALSE(run(conversations().update(nobody, {.title = "x"})));
  EXPECT_FALSE(run(conversations().erase(nobody)));
  EXPECT_FALSE(run(conversations().purge(nobody)));
}

TEST_F(Conversations, PagesShowEachOneOnceAlsoWhenTimesAreTheSame) {
  const Timestamp same = *parse_timestamp("2024-01-01");
  std::set<Uuid> made;
  for (int i = 0; i < 23; ++i) {
    NewConversation each;
    each.user_id = i % 2 == 0 ? "ann" : "bob";
    each.created_at = i < 15 ? same : same + std::chrono::seconds(i);
    made.insert(run(conversations().create(each)).id);
  }
  std::set<Uuid> seen;
  std::optional<Conversation> last;
  ListOptions options;
  options.limit = 4;
  do {
    Page<Conversation> page = run(conversations().list({}, options));
    for (const Conversation& each : page.items) {
      EXPECT_TRUE(seen.insert(each.id).second) << "twice";
      EXPECT_TRUE(!last || each.updated_at <= last->updated_at);
      last = each;
    }
    options.cursor = page.next;
  } while (!options.cursor.empty());
  EXPECT_EQ(seen, made);
  EXPECT_EQ(run(conversations().list(F::user_id.eq("bob"))).items.size(), 11U);
  EXPECT_EQ(run(conversations().count()), 23);
  EXPECT_EQ(run(conversations().count(F::user_id.eq("ann"))), 12);
  EXPECT_EQ(run(conversations().count(F::user_id.eq("zoe"))), 0);
}

TEST_F(Conversations, AnUpdateChangesWhatItNamesAndNothingElse) {
  const Conversation before = create("ann", "old");
  ConversationPatch patch;
  patch.title = "new";
  const Conversation renamed = run(conversations().update(before.id, patch)).value();
  EXPECT_EQ(renamed.title, "new");
  EXPECT_EQ(renamed.status, "active");
  EXPECT_EQ(renamed.metadata.text, "{}");
  EXPECT_EQ(renamed.created_at, before.created_at);

  patch = {.status = "archived", .metadata = JsonText{R"({"k": [1, 2]})"}};
  const Conversation archived = run(conversations().update(before.id, patch)).value();
  EXPECT_EQ(archived.title, "new");
  EXPECT_EQ(archived.status, "archived");
  EXPECT_EQ(archived.metadata.text, R"({"k": [1, 2]})");
}

TEST_F(Conversations, AnErasedOneIsSeenNowhere) {
  const Conversation kept = create("ann");
  const Conversation gone = talk({"one", "two"});
  const Uuid message = run(storage.messages().latest(gone.id, 1)).at(0).id;

  EXPECT_TRUE(run(conversations().erase(gone.id)));
  EXPECT_FALSE(run(conversations().erase(gone.id)));
  EXPECT_FALSE(run(conversations().get(gone.id)));
  EXPECT_FALSE(run(conversations().exists(gone.id)));
  EXPECT_EQ(run(conversations().count()), 1);
  EXPECT_EQ(run(conversations().list()).items.at(0).id, kept.id);
  EXPECT_FALSE(run(conversations().update(gone.id, {.title = "x"})));

  MessageRepository& messages = storage.messages();
  EXPECT_FALSE(run(messages.get(message)));
  EXPECT_TRUE(run(messages.after(gone.id, 0, 10)).empty());
  EXPECT_TRUE(run(messages.latest(gone.id, 10)).empty());
  EXPECT_TRUE(run(messages.path(message)).empty());
  EXPECT_EQ(run(messages.count()), 0);
  EXPECT_EQ(run(messages.count(MessageFields::conversation_id.eq(gone.id))), 0);
  EXPECT_EQ(number("select count(*) from messages"), 2) << "its rows stay";
}

TEST_F(Conversations, ErasingTakesItsMessagesOutOfTheQueue) {
  (void)run(storage.embeddings().add_model("m", 3));
  const Conversation gone = talk({"secret"});
  talk({"open"});
  ASSERT_EQ(number("select count(*) from embedding_jobs"), 2);
  EXPECT_TRUE(run(conversations().erase(gone.id)));
  EXPECT_EQ(number("select count(*) from embedding_jobs"), 1);
}

TEST_F(Conversations, PurgingRemovesAllThatBelongsToIt) {
  const auto model = run(storage.embeddings().add_model("m", 3));
  const Conversation kept = talk({"kept"});
  const Conversation gone = talk({"one", "two", "three"});
  const Uuid message = run(storage.messages().latest(gone.id, 1)).at(0).id;
  NewEmbedding vector;
  vector.model_id = model.id;
  vector.content_id = message;
  vector.embedding = {{1, 2, 3}};
  run(storage.embeddings().store({vector}));
  script(
      "insert into tool_executions (tenant_id, message_id, tool_call_id, conversation_id, "
      "tool_name,"
      " arguments) select tenant_id, id, 'c', conversation_id, 't', '{}' from messages");

  EXPECT_TRUE(run(conversations().erase(gone.id)));
  EXPECT_TRUE(run(conversations().purge(gone.id))) << "an erased one too";
  EXPECT_FALSE(run(conversations().purge(gone.id)));
  EXPECT_EQ(number("select count(*) from conversations"), 1);
  EXPECT_EQ(number("select count(*) from messages"), 1);
  EXPECT_EQ(number("select count(*) from tool_executions"), 1);
  EXPECT_EQ(number("select count(*) from embedding_jobs"), 1);
  EXPECT_EQ(number("select count(*) from embeddings"), 0);
  EXPECT_TRUE(run(conversations().purge(kept.id)));
}

TEST_F(Conversations, RestoringQueuesTheMessagesThatAModelLacks) {
  const auto model = run(storage.embeddings().add_model("m", 3));
  const Conversation gone = talk({"one", "two"});
  NewEmbedding vector;
  vector.model_id = model.id;
  vector.content_id = run(storage.messages().latest(gone.id, 1)).at(0).id;
  vector.embedding = {{1, 2, 3}};
  run(storage.embeddings().store({vector}));
  script("delete from embedding_jobs where content_id = '" + vector.content_id.str() + "'");
  ASSERT_TRUE(run(conversations().erase(gone.id)));
  ASSERT_EQ(number("select count(*) from embedding_jobs"), 0);
  ASSERT_TRUE(run(conversations().restore(gone.id)));
  EXPECT_EQ(number("select count(*) from embedding_jobs"), 1);
  EXPECT_EQ(run(storage.messages().count()), 2);
}

TEST_F(Conversations, RestoringQueuesTheMessagesThatWereChangedBeforeItWasErased) {
  const auto model = run(storage.embeddings().add_model("m", 3));
  const Conversation gone = talk({"one", "two"});
  const auto messages = run(storage.messages().after(gone.id, 0, 2));
  for (const Message& each : messages) {
    NewEmbedding vector;
    vector.model_id = model.id;
    vector.content_id = each.id;
    vector.embedding = {{1, 2, 3}};
    run(storage.embeddings().store({vector}));
  }
  script("delete from embedding_jobs");
  (void)run(storage.messages().update(messages[0].id, {.content = "changed"}));
  ASSERT_TRUE(run(conversations().erase(gone.id)));
  EXPECT_EQ(number("select count(*) from embeddings"), 1) << "that of the older text is gone";
  ASSERT_TRUE(run(conversations().restore(gone.id)));
  EXPECT_EQ(text("select string_agg(content_id::text, ',') from embedding_jobs"),
            messages[0].id.str());
}

TEST_F(Conversations, ArePurgedAroundThoseThatOthersHold) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(conversations().erase(create("ann").id)));
  Runtime other;
  PostgresStorage purger(other.executor(), options());
  const auto first = run(storage.begin());
  EXPECT_EQ(run(first->conversations().purge_deleted(now() + std::chrono::minutes(1), 2)), 2);
  EXPECT_EQ(other.wait(purger.conversations().purge_deleted(now() + std::chrono::minutes(1))), 1)
      << "without waiting";
  run(first->commit());
  EXPECT_EQ(number("select count(*) from conversations"), 0);
}

// Whoever removes the message holds the conversation's row, and the other waits for it.
TEST_F(Conversations, ALeafThatIsRemovedAtTheSameTimeIsNotTaken) {
  const Conversation conversation = talk({"one", "two"});
  const Uuid leaf = run(storage.messages().latest(conversation.id, 1)).at(0).id;
  Runtime other;
  PostgresStorage another(other.executor(), options());
  const auto remover = run(storage.begin());
  ASSERT_TRUE(run(remover->messages().erase(leaf)));
  auto update = boost::asio::co_spawn(
      other.executor(),
      another.conversations().update(conversation.id, {.current_leaf_id = std::optional(leaf)}),
      boost::asio::use_future);
  ASSERT_TRUE(test::eventually([&] {
    return number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 1;
  }));
  run(remover->commit());
  EXPECT_EQ(error_of([&] { return update.get(); }).kind(), ErrorKind::invalid_argument);
}

TEST_F(Conversations, OfThoseWhoUpdateOneVersionOnlyOneSucceeds) {
  const Conversation made = create("ann");
  Runtime many(4);
  const auto updater = [](ConversationRepository& of, Uuid id, int n) -> Task<bool> {
    try {
      const auto updated = co_await of.update(id, {.title = std::to_string(n), .if_version = 1});
      co_return updated.has_value();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::conflict);
      co_return false;
    }
  };
  std::vector<std::future<bool>> updaters;
  for (int n = 0; n < 8; ++n) {
    updaters.push_back(boost::asio::co_spawn(many.executor(), updater(conversations(), made.id, n),
                                             boost::asio::use_future));
  }
  int succeeded = 0;
  for (auto& each : updaters) succeeded += each.get() ? 1 : 0;
  EXPECT_EQ(succeeded, 1);
  EXPECT_EQ(run(conversations().get(made.id)).value().version, 2);
}

TEST_F(Conversations, AnIdOrSourceThatIsTakenIsRefused) {
  NewConversation made;
  made.id = Uuid::v7();
  made.source = "claude";
  made.source_id = "1";
  (void)run(conversations().create(made));
  EXPECT_EQ(error_of([&] { return run(conversations().create(made)); }).sqlstate(), "23505");
  made.id = Uuid::v7();
  EXPECT_EQ(error_of([&] { return run(conversations().create(made)); }).sqlstate(), "23505");
  made.source = "codex";
  EXPECT_NO_THROW((void)run(conversations().create(made)));
}

TEST_F(Conversations, WhatPostgresWouldRefuseIsAnInvalidArgument) {
  const std::string nul("a\0b", 3);
  const std::string broken = "a\xff";
  const auto with = [](auto set) {
    NewConversation made;
    set(made);
    return made;
  };
  for (const std::string& bad : {nul, broken}) {
    EXPECT_EQ(refusal(with([&](auto& c) { c.user_id = bad; })), ErrorKind::invalid_argument);
    EXPECT_EQ(refusal(with([&](auto& c) { c.title = bad; })), ErrorKind::invalid_argument);
    EXPECT_EQ(refusal(with([&](auto& c) { c.source = bad, c.source_id = "1"; })),
              ErrorKind::invalid_argument);
    EXPECT_EQ(refusal(with([&](auto& c) { c.source = "s", c.source_id = bad; })),
              ErrorKind::invalid_argument);
    EXPECT_EQ(refusal(with([&](auto& c) { c.metadata.text = "{\"a\": \"" + bad + "\"}"; })),
              ErrorKind::invalid_argument);
    EXPECT_EQ(refusal(ConversationPatch{.title = bad}), ErrorKind::invalid_argument);
    EXPECT_EQ(error_of([&] { return run(conversations().count(F::user_id.eq(bad))); }).kind(),
              ErrorKind::invalid_argument);
  }
  for (const char* metadata : {"", "[]", "1", "null", "{", R"({"a": "\u0000"})",
                               R"({"a": "\ud800"})", "{} {}", "{'a': 1}"}) {
    EXPECT_EQ(refusal(with([&](auto& c) { c.metadata.text = metadata; })),
              ErrorKind::invalid_argument)
        << metadata;
    EXPECT_EQ(refusal(ConversationPatch{.title = {}, .status = {}, .metadata = JsonText{metadata}}),
              ErrorKind::invalid_argument);
  }
  EXPECT_EQ(refusal(with([](auto& c) { c.source = "s"; })), ErrorKind::invalid_argument)
      << "a source without its id";
  EXPECT_EQ(refusal(ConversationPatch{.title = {}, .status = "gone", .metadata = {}}),
            ErrorKind::invalid_argument);
  EXPECT_EQ(storage.pool().statistics().acquired, 0U) << "something was sent";
}

}  // namespace
}  // namespace loci::storage
