#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
