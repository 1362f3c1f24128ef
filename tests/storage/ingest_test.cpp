#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <format>
#include <future>
#include <loci/storage/ingest.hpp>

#include "support/storage_fixture.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using test::soon;

const Timestamp k_then = *parse_timestamp("2024-05-01T10:00:00Z");

Uuid id_of(const std::string& name) {
  return Uuid::derived(k_then, name);
}

Message draft(const std::string& name, const std::string& role = "user") {
  return {.id = id_of(name),
          .conversation_id = {},
          .parent_id = {},
          .role = role,
          .content = name,
          .parts = {},
          .model = {},
          .metadata = {"{}"},
          .source_id = {},
          .created_at = k_then};
}

// Messages `from` to `to` of a conversation, each the child of the one before.
IngestConversation part(const std::string& name, int from, int to) {
  IngestConversation made{.conversation = {}, .updated_at = k_then, .leaf_id = {}, .messages = {}};
  made.conversation.id = id_of(name);
  made.conversation.user_id = "ann";
  made.conversation.title = name;
  made.conversation.source = "test";
  made.conversation.source_id = name;
  made.conversation.created_at = k_then;
  for (int i = from; i <= to; ++i) {
    Message message = draft(std::format("{}-{}", name, i));
    if (i > 1) message.parent_id = id_of(std::format("{}-{}", name, i - 1));
    made.messages.push_back(message);
  }
  made.leaf_id = made.messages.empty() ? std::nullopt : std::optional(made.messages.back().id);
  return made;
}

IngestBatch batch(std::vector<IngestConversation> conversations) {
  return {.conversations = std::move(conversations), .calls = {}, .results = {}};
}

struct Ingests : testing::Test, test::StorageFixture {
  Ingests() : StorageFixture(2) {}

  IngestCounts take(IngestBatch all) {
    Ingest ingest(storage);
    const IngestCounts counts = run(ingest.write(std::move(all), soon()));
    run(ingest.commit(soon()));
    return counts;
  }
  std::vector<std::string> contents(Uuid conversation) {
    std::vector<std::string> all;
    for (const Message& each : run(storage.messages().after(conversation, 0, 1000))) {
      EXPECT_EQ(each.seq, static_cast<std::int64_t>(all.size()) + 1);
      all.push_back(each.content);
    }
    return all;
  }
};

TEST_F(Ingests, TheSameHistoryAgainAddsNothing) {
  const auto first = take(batch({part("a", 1, 3), part("b", 1, 2)}));
  EXPECT_EQ(first.new_conversations, 2U);
  EXPECT_EQ(first.new_messages, 5U);
  EXPECT_EQ(first.known_messages, 0U);
  const auto before = run(storage.conversations().get(id_of("a"))).value();
  EXPECT_EQ(before.title, "a");
  EXPECT_EQ(before.current_leaf_id, id_of("a-3"));
  EXPECT_EQ(before.last_seq, 3);

  const auto again = take(batch({part("a", 1, 3), part("b", 1, 2)}));
  EXPECT_EQ(again.new_conversations, 0U);
  EXPECT_EQ(again.new_messages, 0U);
  EXPECT_EQ(again.known_messages, 5U);
  EXPECT_EQ(run(storage.messages().count()), 5);
  EXPECT_EQ(run(storage.conversations().get(id_of("a"))).value().updated_at, before.updated_at);
}

TEST_F(Ingests, AConversationThatGrewGetsOnlyWhatIsNew) {
  take(batch({part("a", 1, 2)}));
  ConversationPatch patch;
  patch.title = "my own title";
  (void)run(storage.conversations().update(id_of("a"), patch));
  const auto counts = take(batch({part("a", 1, 5)}));
  EXPECT_EQ(counts.new_messages, 3U);
  EXPECT_EQ(counts.known_messages, 2U);
  EXPECT_EQ(contents(id_of("a")), (std::vector<std::string>{"a-1", "a-2", "a-3", "a-4", "a-5"}));
  const auto grown = run(storage.conversations().get(id_of("a"))).value();
  EXPECT_EQ(grown.title, "my own title");
  EXPECT_EQ(grown.current_leaf_id, id_of("a-5"));
}

TEST_F(Ingests, WhatWasDeletedDoesNotComeBack) {
  take(batch({part("a", 1, 2), part("b", 1, 1)}));
  ASSERT_TRUE(run(storage.conversations().erase(id_of("a"))));
  (void)run(storage.embeddings().add_model("some model", 2));
  const auto counts = take(batch({part("a", 1, 5), part("b", 1, 2)}));
  EXPECT_EQ(counts.erased_conversations, 1U);
  EXPECT_EQ(counts.new_messages, 1U);
  EXPECT_FALSE(run(storage.conversations().get(id_of("a"))));
  EXPECT_EQ(number("select count(*) from messages"), 4);
  EXPECT_EQ(number("select count(*) from embedding_jobs"), 1);
}

TEST_F(Ingests, ALongConversationComesInSeveralParts) {
  Ingest ingest(storage);
  IngestCounts first = run(ingest.write(batch({part("a", 1, 2), part("a", 3, 4)}), soon()));
  const IngestCounts second = run(ingest.write(batch({part("a", 5, 6)}), soon()));
  EXPECT_EQ(first.new_conversations + second.new_conversations, 1U);
  EXPECT_EQ(run(storage.messages().count()), 0) << "before the commit";
  run(ingest.commit(soon()));
  EXPECT_EQ(contents(id_of("a")).size(), 6U);
  const auto read = run(storage.conversations().get(id_of("a"))).value();
  EXPECT_EQ(read.last_seq, 6);
  EXPECT_EQ(read.current_leaf_id, id_of("a-6"));
}

TEST_F(Ingests, AnAbandonedOneLeavesNothing) {
  {
    Ingest ingest(storage);
    (void)run(ingest.write(batch({part("a", 1, 3)}), soon()));
  }
  const auto counts = take(batch({part("a", 1, 3)}));
  EXPECT_EQ(counts.new_conversations, 1U);
  EXPECT_EQ(counts.new_messages, 3U);
}

TEST_F(Ingests, TwoAtOnceTakeEachMessageOnce) {
  const auto taker = [](PostgresStorage& into, int grown) -> Task<IngestCounts> {
    Ingest ingest(into);
    std::vector<IngestConversation> all;
    for (int i = 0; i < 20; ++i) all.push_back(part(std::format("c{}", i), 1, 5 + grown));
    const IngestCounts counts = co_await ingest.write(batch(std::move(all)), soon());
    co_await ingest.commit(soon());
    co_return counts;
  };
  std::vector<std::future<IngestCounts>> takers;
  for (int i = 0; i < 6; ++i) {
    takers.push_back(
        boost::asio::co_spawn(runtime.executor(), taker(storage, i % 3), boost::asio::use_future));
  }
  std::uint64_t conversations = 0;
  std::uint64_t messages = 0;
  for (auto& each : takers) {
    const IngestCounts counts = each.get();
    conversations += counts.new_conversations;
    messages += counts.new_messages;
  }
  EXPECT_EQ(conversations, 20U);
  EXPECT_EQ(messages, 140U);
  EXPECT_EQ(run(storage.messages().count()), 140);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(contents(id_of(std::format("c{}", i))).size(), 7U);
}

TEST_F(Ingests, AnIdThatAnotherSourceHasTakenIsAnError) {
  take(batch({part("a", 1, 1)}));
  IngestConversation other = part("b", 1, 1);
  other.conversation.id = id_of("a");
  EXPECT_EQ(error_of([&] { return take(batch({other})); }).kind(), ErrorKind::invalid_input);
  EXPECT_EQ(run(storage.messages().count()), 1);
}

TEST_F(Ingests, WithoutASourceAConversationIsKnownByItsId) {
  IngestConversation bare = part("a", 1, 2);
  bare.conversation.source.reset();
  bare.conversation.source_id.reset();
  EXPECT_EQ(take(batch({bare})).new_messages, 2U);
  EXPECT_EQ(take(batch({bare})).known_messages, 2U);
}

TEST_F(Ingests, ToolCallsAndTheirResultsAreLinked) {
  IngestBatch all = batch({part("a", 1, 4)});
  const auto call = [&](const char* id, const char* message) {
    all.calls.push_back({.conversation_id = id_of("a"),
                         .call = {.message_id = id_of(message),
                                  .tool_call_id = id,
                                  .tool_name = "bash",
                                  .arguments = {R"({"n":1.0})"},
                                  .status = "pending",
                                  .started_at = k_then}});
  };
  call("good", "a-1");
  call("bad", "a-1");
  call("open", "a-3");
  all.results = {{.conversation_id = id_of("a"),
                  .tool_call_id = "good",
                  .message_id = id_of("a-2"),
                  .ended_at = k_then},
                 {.conversation_id = id_of("a"),
                  .tool_call_id = "bad",
                  .message_id = id_of("a-2"),
                  .is_error = true,
                  .ended_at = k_then},
                 {.conversation_id = id_of("a"),
                  .tool_call_id = "none",
                  .message_id = id_of("a-4"),
                  .ended_at = k_then}};
  const IngestBatch copy = all;
  take(std::move(all));
  take(copy);
  std::map<std::string, ToolExecution> found;
  for (auto& each : run(storage.tool_executions().list()).items) {
    found.emplace(each.tool_call_id, each);
  }
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found.at("good").status, "ok");
  EXPECT_EQ(found.at("good").result_message_id, id_of("a-2"));
  EXPECT_EQ(found.at("good").arguments.text, R"({"n":1.0})");
  EXPECT_EQ(found.at("good").ended_at, k_then);
  EXPECT_EQ(found.at("bad").status, "error");
  EXPECT_EQ(found.at("open").status, "pending");
  EXPECT_FALSE(found.at("open").result_message_id);
}

TEST_F(Ingests, WhatTheRepositoriesRefuseForItsFormIsRefused) {
  const auto kind_of = [&](auto spoil) {
    IngestBatch all = batch({part("a", 1, 3)});
    spoil(all.conversations[0]);
    return error_of([&] { return take(std::move(all)); }).kind();
  };
  using enum ErrorKind;
  EXPECT_EQ(kind_of([](auto& c) { c.conversation.id.reset(); }), invalid_argument);
  EXPECT_EQ(kind_of([](auto& c) { c.conversation.title = "a\xff"; }), invalid_argument);
  EXPECT_EQ(kind_of([](auto& c) { c.conversation.source_id.reset(); }), invalid_argument);
  EXPECT_EQ(kind_of([](auto& c) { c.status = "lost"; }), invalid_argument);
  EXPECT_EQ(kind_of([](auto& c) { c.messages[1].role = "nobody"; }), invalid_argument);
  EXPECT_EQ(kind_of([](auto& c) { c.messages[1].content = std::string("a\0b", 3); }),
            invalid_argument);
  EXPECT_EQ(kind_of([](auto& c) { c.messages[1].metadata = {"[]"}; }), invalid_argument);
  EXPECT_EQ(kind_of([](auto& c) { c.messages[1].id = Uuid(); }), invalid_argument);
  EXPECT_EQ(
      kind_of([](auto& c) { c.messages[1].created_at = Timestamp::min() + std::chrono::days(1); }),
      invalid_argument);
  EXPECT_EQ(number("select count(*) from conversations"), 0);
}

TEST_F(Ingests, AParentIsAMessageBeforeItInItsConversation) {
  const auto kind_of = [&](IngestBatch all) {
    return error_of([&] { return take(std::move(all)); }).kind();
  };
  IngestBatch itself = batch({part("a", 1, 2)});
  itself.conversations[0].messages[0].parent_id = id_of("a-1");
  EXPECT_EQ(kind_of(itself), ErrorKind::invalid_argument);
  IngestBatch circle = batch({part("a", 1, 2)});
  circle.conversations[0].messages[0].parent_id = id_of("a-2");
  EXPECT_EQ(kind_of(circle), ErrorKind::invalid_argument);
  IngestBatch crossed = batch({part("a", 1, 2), part("b", 1, 1)});
  crossed.conversations[1].messages[0].parent_id = id_of("a-2");
  EXPECT_EQ(kind_of(crossed), ErrorKind::invalid_argument);
  IngestBatch leaf = batch({part("a", 1, 2), part("b", 1, 1)});
  leaf.conversations[1].leaf_id = id_of("a-2");
  EXPECT_EQ(kind_of(leaf), ErrorKind::invalid_argument);
  EXPECT_EQ(run(storage.messages().count()), 0);
}

TEST_F(Ingests, CallsAndResultsStandInMessagesOfTheirConversation) {
  const auto kind_of = [&](IngestBatch all) {
    return error_of([&] { return take(std::move(all)); }).kind();
  };
  IngestBatch all = batch({part("a", 1, 2), part("b", 1, 1)});
  all.calls.push_back({.conversation_id = id_of("nowhere"),
                       .call = {.message_id = id_of("a-1"),
                                .tool_call_id = "c",
                                .tool_name = "bash",
                                .arguments = {"{}"},
                                .status = "pending"}});
  EXPECT_EQ(kind_of(all), ErrorKind::invalid_argument);
  all.calls[0].conversation_id = id_of("b");
  EXPECT_EQ(kind_of(all), ErrorKind::invalid_argument);
  all.calls[0].conversation_id = id_of("a");
  all.results = {{.conversation_id = id_of("a"),
                  .tool_call_id = "c",
                  .message_id = id_of("b-1"),
                  .ended_at = k_then}};
  EXPECT_EQ(kind_of(all), ErrorKind::invalid_argument);
  all.results[0].message_id = id_of("a-2");
  EXPECT_EQ(take(all).new_messages, 3U);
}

TEST_F(Ingests, AfterAnErrorNothingOfItIsCommitted) {
  Ingest ingest(storage);
  (void)run(ingest.write(batch({part("a", 1, 2)}), soon()));
  IngestBatch wrong = batch({part("b", 1, 2)});
  wrong.conversations[0].messages[0].parent_id = id_of("b-2");
  EXPECT_EQ(error_of([&] { return run(ingest.write(wrong, soon())); }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(error_of([&] {
              run(ingest.commit(soon()));
              return 0;
            }).kind(),
            ErrorKind::invalid_argument);
  EXPECT_EQ(run(storage.messages().count()), 0);
}

TEST_F(Ingests, EachNewMessageIsQueuedForEmbedding) {
  (void)run(storage.embeddings().add_model("m", 3));
  take(batch({part("a", 1, 3)}));
  take(batch({part("a", 1, 4)}));
  EXPECT_EQ(number("select count(*) from embedding_jobs"), 4);
}

}  // namespace
}  // namespace loci::storage
