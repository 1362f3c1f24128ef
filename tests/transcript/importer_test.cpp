#include <loci/transcript/importer.hpp>

#include <loci/base/error.hpp>
#include <loci/transcript/loci_jsonl.hpp>

#include <gmock/gmock.h>
#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>

#include "support/generated_export.hpp"
#include "support/history_files.hpp"
#include "support/stored_history.hpp"

namespace loci::transcript {
namespace {

using test::ExportShape;
using test::StoredHistory;
using testing::HasSubstr;

// Batches so small that a conversation of more than `messages` goes in part by part.
ImportOptions tiny_batches(std::size_t messages = 3) {
  return {.batch_bytes = 1 << 20, .batch_messages = messages};
}

std::filesystem::path generated(const ScratchFolder& folder, const ExportShape& shape,
                                const std::string& name = "export.json") {
  const std::filesystem::path file = folder.path() / name;
  test::write_export(file, shape);
  return file;
}

// One conversation of the ChatGPT export; `nodes` are members of its mapping.
std::string chatgpt(const std::string& id, const std::string& title, const std::string& nodes,
                    const std::string& more = "") {
  return R"({"id":")" + id + R"(","title":")" + title + R"(",)" + more + R"("mapping":{)" + nodes +
         "}}";
}

std::string node(const std::string& id, const std::string& parent, const std::string& text,
                 const std::string& metadata = "{}", const std::string& time = "1700000000") {
  return '"' + id + R"(":{"id":")" + id + R"(","parent":)" +
         (parent.empty() ? "null" : '"' + parent + '"') +
         R"(,"children":[],"message":{"author":{"role":"user"},"create_time":)" + time +
         R"(,"metadata":)" + metadata + R"(,"content":{"content_type":"text","parts":[")" + text +
         R"("]}}})";
}

// JSON that jsonb refuses: a number of more digits than it can hold.
constexpr const char* k_refused = R"({"n":1e-400000})";

TEST(Importer, GuessesATitleFromTheFirstWordsOfTheUser) {
  const ScratchFolder folder;
  StoredHistory history;
  std::string words;
  for (int i = 0; i < 30; ++i) words += "naïve ";
  (void)history.import({folder.write(
      "chats.jsonl",
      R"({"messages":[{"role":"system","content":"Be kind"},{"role":"user","content":"\n  How so?\nTell me"}]})"
      "\n"
      R"({"messages":[{"role":"assistant","content":"Hello"}]})"
      "\n"
      R"({"messages":[{"role":"user","content":")" +
          words + "\"}]}\n")});
  EXPECT_EQ(history.count("conversations where title = 'How so?'"), 1);
  EXPECT_EQ(history.count("conversations where title = ''"), 1) << "no user message, no title";
  EXPECT_EQ(history.count("conversations where title like 'naïve%naïve…' and length(title) < 80"),
            1);
}

TEST(Importer, TakesTheTitleThatComesAtTheEnd) {
  const ScratchFolder folder;
  StoredHistory history;
  const std::string session = R"("sessionId":"s","timestamp":"2026-01-01T00:00:00Z",)";
  (void)history.import({folder.write(
      "s.jsonl",
      R"({"type":"user",)" + session +
          R"("uuid":"u1","parentUuid":null,"message":{"role":"user","content":"It is slow"}})"
          "\n"
          R"({"type":"assistant",)" +
          session +
          R"("uuid":"u2","parentUuid":"u1","message":{"role":"assistant","content":[{"type":"text","text":"Why?"}]}})"
          "\n"
          R"({"type":"summary","summary":"A slow loop","leafUuid":"u2"})"
          "\n")});
  EXPECT_EQ(history.value("select title from conversations"), "A slow loop");
}

TEST(Importer, KeepsLeafUserStatusAndTimes) {
  const ScratchFolder folder;
  StoredHistory history;
  const Uuid id = *Uuid::parse("018f0000-0000-7000-8000-000000000001");
  const Uuid first = *Uuid::parse("018f0000-0000-7000-8000-000000000002");
  const Uuid second = *Uuid::parse("018f0000-0000-7000-8000-000000000003");
  const Timestamp time = *parse_timestamp("2024-05-01T10:00:00Z");
  (void)history.import(
      {folder.write("own.jsonl",
                    to_jsonl(ExportedConversation{.id = id,
                                                  .user_id = "ann",
                                                  .status = "archived",
                                                  .current_leaf = first,
                                                  .created_at = time,
                                                  .updated_at = *parse_timestamp("2025-01-01")}) +
                        to_jsonl(ExportedMessage{.id = first, .content = "a", .created_at = time}) +
                        to_jsonl(ExportedMessage{
                            .id = second, .parent = first, .content = "b", .created_at = time}))},
      {.user_id = "somebody else"});
  EXPECT_EQ(history.value("select id || ' ' || user_id || ' ' || status || ' ' || current_leaf_id "
                          "|| ' ' || (updated_at at time zone 'utc') from conversations"),
            id.str() + " ann archived " + first.str() + " 2025-01-01 00:00:00");
  EXPECT_EQ(history.value("select parent_id from messages where content = 'b'"), first.str());
}

TEST(Importer, GivesConversationsOfNobodyToTheImportingUser) {
  const ScratchFolder folder;
  StoredHistory history;
  (void)history.import({generated(folder, {.conversations = 2})}, {.user_id = "sam"});
  EXPECT_EQ(history.count("conversations where user_id = 'sam'"), 2);
}

TEST(Importer, WritesALongConversationInPartsAndLinksToolCallsAcrossThem) {
  const ScratchFolder folder;
  StoredHistory history;
  std::string messages;
  for (int i = 0; i < 20; ++i) {
    const std::string call = "call-" + std::to_string(i);
    messages += R"({"role":"assistant","content":"","tool_calls":[{"id":")" + call +
                R"(","type":"function","function":{"name":"sh","arguments":"{}"}}]},)";
  }
  for (int i = 0; i < 20; ++i) {
    const std::string call = "call-" + std::to_string(i);
    messages += R"({"role":"tool","tool_call_id":")" + call + R"(","content":"done"},)";
  }
  messages.pop_back();
  const ImportSummary summary = history.import(
      {folder.write("chat.json", R"({"messages":[)" + messages + "]}")}, tiny_batches());
  EXPECT_EQ(summary.new_conversations, 1U);
  EXPECT_EQ(summary.new_messages, 40U);
  EXPECT_EQ(summary.tool_calls, 20U);
  EXPECT_EQ(history.count("tool_executions where status = 'ok' and result_message_id is not null"),
            20);
  EXPECT_EQ(test::damage(history.admin_dsn()), "");
}

TEST(Importer, StoresTheSameWhateverTheSizeOfABatch) {
  const ScratchFolder folder;
  const auto file = generated(folder, {.conversations = 7, .messages = 11});
  StoredHistory whole;
  (void)whole.import({file});
  for (const std::size_t messages : {1U, 2U, 5U, 11U, 12U, 30U}) {
    StoredHistory parts;
    const ImportSummary summary = parts.import({file}, tiny_batches(messages));
    EXPECT_EQ(summary.new_messages, 77U) << messages;
    EXPECT_EQ(parts.exported(), whole.exported()) << messages;
  }
  StoredHistory bytes;
  (void)bytes.import({file}, {.batch_bytes = 1});
  EXPECT_EQ(bytes.exported(), whole.exported());
}

TEST(Importer, CountsBranches) {
  const ScratchFolder folder;
  StoredHistory history;
  const ImportSummary summary = history.import(
      {folder.write("x.json", "[" +
                                  chatgpt("c1", "T",
                                          node("a", "", "1") + "," + node("b", "a", "2") + "," +
                                              node("c", "a", "3") + "," + node("d", "a", "4") +
                                              "," + node("e", "b", "5")) +
                                  "]")});
  EXPECT_EQ(summary.messages, 5U);
  EXPECT_EQ(summary.branches, 1U);
}

TEST(Importer, LeavesOnlyTheRefusedConversationOut) {
  const ScratchFolder folder;
  StoredHistory history;
  const auto file = folder.write(
      "x.json",
      "[" + chatgpt("c1", "One", node("a", "", "1")) + "," +
          chatgpt("c2", "Two", node("a", "", "1") + "," + node("b", "a", "2", k_refused)) + "," +
          chatgpt("c3", "Three", node("a", "", "1")) + "]");
  const ImportSummary summary = history.import({file});
  EXPECT_EQ(summary.conversations, 3U);
  EXPECT_EQ(summary.new_conversations, 2U);
  EXPECT_EQ(summary.new_messages, 2U);
  ASSERT_EQ(summary.faults, 1U);
  const auto fault = std::ranges::find(summary.skips, Skip::Severity::fault, &Skip::severity);
  EXPECT_THAT(fault->place, HasSubstr("c2"));
  EXPECT_THAT(fault->reason, HasSubstr("not stored"));
  EXPECT_EQ(history.count("conversations where source_id = 'c2'"), 0);
  EXPECT_EQ(test::damage(history.admin_dsn()), "");
}

TEST(Importer, LeavesALongConversationOutWholeWhereverItIsRefused) {
  const ScratchFolder folder;
  for (const int broken : {0, 4, 9}) {
    StoredHistory history;
    std::string nodes;
    for (int i = 0; i < 10; ++i) {
      const std::string own = "m" + std::to_string(i);
      nodes += (i == 0 ? "" : ",") + node(own, i == 0 ? "" : "m" + std::to_string(i - 1), "text",
                                          i == broken ? k_refused : "{}");
    }
    const auto file = folder.write("x.json", "[" + chatgpt("c1", "One", node("a", "", "1")) + "," +
                                                 chatgpt("long", "Two", nodes) + "," +
                                                 chatgpt("c3", "Three", node("a", "", "1")) + "]");
    const ImportSummary summary = history.import({file}, tiny_batches(2));
    EXPECT_EQ(summary.faults, 1U) << broken;
    EXPECT_EQ(summary.new_conversations, 2U) << broken;
    EXPECT_EQ(summary.new_messages, 2U) << broken;
    EXPECT_EQ(history.count("messages"), 2) << broken;
    EXPECT_EQ(test::damage(history.admin_dsn()), "");
  }
}

TEST(Importer, KeepsWhatIsCompleteWhenCancelledAndGoesOnLater) {
  const ScratchFolder folder;
  const auto file = generated(folder, {.conversations = 6, .messages = 10});
  for (const int at : {0, 9, 10, 25, 34, 59}) {
    for (const std::size_t batch : {3U, 8U, 4000U}) {
      StoredHistory history;
      ImportOptions options = tiny_batches(batch);
      int asked = 0;
      options.cancelled = [&] { return asked++ == at; };
      const ImportSummary summary = history.import({file}, options);
      EXPECT_TRUE(summary.cancelled);
      EXPECT_EQ(history.count("conversations"), at / 10) << at << ", batches of " << batch;
      EXPECT_EQ(summary.new_messages, static_cast<std::uint64_t>(at / 10 * 10));
      EXPECT_EQ(test::damage(history.admin_dsn()), "");
      const ImportSummary rest = history.import({file});
      EXPECT_EQ(rest.new_conversations, static_cast<std::uint64_t>(6 - at / 10));
      EXPECT_EQ(history.count("messages"), 60);
    }
  }
}

TEST(Importer, EndsWithOneErrorWhenTheConnectionIsLostAndGoesOnLater) {
  const ScratchFolder folder;
  const auto file = generated(folder, {.conversations = 30, .messages = 10});
  StoredHistory history;
  ImportOptions options = tiny_batches(3);  // so that a transaction is open at any message
  int asked = 0;
  options.cancelled = [&] {
    if (asked++ == 128) {
      (void)history.value(
          "select pg_terminate_backend(pid, 10000) from pg_stat_activity where "
          "datname = current_database() and pid <> pg_backend_pid()");
    }
    return false;
  };
  try {
    (void)history.import({file}, options);
    ADD_FAILURE() << "the loss went unnoticed";
  } catch (const Error& error) {
    EXPECT_TRUE(error.connection_lost()) << error.what();
  }
  EXPECT_EQ(test::damage(history.admin_dsn()), "");
  EXPECT_EQ(history.count("conversations"), 12);
  const std::int64_t before = history.count("messages");
  const ImportSummary rest = history.import({file});
  EXPECT_EQ(rest.new_messages, static_cast<std::uint64_t>(300 - before));
  EXPECT_EQ(history.count("messages"), 300);
  EXPECT_EQ(test::damage(history.admin_dsn()), "");
}

TEST(Importer, EndsWithAnErrorThatEveryConversationWouldMeet) {
  const ScratchFolder folder;
  StoredHistory history;
  (void)history.value("drop table tool_executions");
  EXPECT_THROW((void)history.import({generated(folder, {.conversations = 3})}), Error);
  EXPECT_EQ(history.count("conversations"), 0);
}

TEST(Importer, AddsNothingTheSecondTime) {
  const ScratchFolder folder;
  const auto file = generated(folder, {.conversations = 5, .messages = 9});
  StoredHistory history;
  (void)history.import({file}, tiny_batches(4));
  const std::string before = history.exported();
  for (const ImportOptions& options : {ImportOptions{}, tiny_batches(4), tiny_batches(10)}) {
    const ImportSummary again = history.import({file, file}, options);
    EXPECT_EQ(again.conversations, 10U);
    EXPECT_EQ(again.messages, 90U);
    EXPECT_EQ(again.new_conversations, 0U);
    EXPECT_EQ(again.new_messages, 0U);
  }
  EXPECT_EQ(history.exported(), before);
}

TEST(Importer, AddsWhatIsNewOfAConversationThatHasGrown) {
  const ScratchFolder folder;
  StoredHistory history;
  (void)history.import({generated(folder, {.conversations = 3, .messages = 4})});
  const ImportSummary summary =
      history.import({generated(folder, {.conversations = 4, .messages = 7})}, tiny_batches(5));
  EXPECT_EQ(summary.new_conversations, 1U);
  EXPECT_EQ(summary.new_messages, 3U * 3 + 7);
  EXPECT_EQ(
      history.count("conversations c where c.last_seq = 7 and (select source_id from messages "
                    "m where m.id = c.current_leaf_id) = c.source_id || '-m6'"),
      4);
  EXPECT_EQ(test::damage(history.admin_dsn()), "");
}

TEST(Importer, PutsAnOldAndANewExportOfTheSameConversationTogetherInOneBatch) {
  const ScratchFolder folder;
  StoredHistory history;
  const ImportSummary summary =
      history.import({generated(folder, {.conversations = 3, .messages = 4}, "january.json"),
                      generated(folder, {.conversations = 3, .messages = 7}, "march.json")});
  EXPECT_EQ(summary.faults, 0U);
  EXPECT_EQ(summary.new_conversations, 3U);
  EXPECT_EQ(summary.new_messages, 21U);
  EXPECT_EQ(history.count("conversations where last_seq = 7"), 3);
  EXPECT_EQ(test::damage(history.admin_dsn()), "");
}

TEST(Importer, KnowsAMessageWithoutATimeAgainWhateverCameBeforeIt) {
  const ScratchFolder folder;
  StoredHistory history;
  const std::string first = node("a", "", "1") + "," + node("c", "a", "3", "{}", "null");
  (void)history.import({folder.write("x.json", "[" + chatgpt("c1", "T", first) + "]")});
  const std::string second = node("a", "", "1") + "," + node("b", "a", "2", "{}", "1700009999") +
                             "," + node("c", "a", "3", "{}", "null");
  const ImportSummary summary =
      history.import({folder.write("x.json", "[" + chatgpt("c1", "T", second) + "]")});
  EXPECT_EQ(summary.new_messages, 1U);
  EXPECT_EQ(history.count("messages"), 3);
}

TEST(Importer, SharesTheWorkWithAnotherOfTheSameFolder) {
  const ScratchFolder folder;
  (void)generated(folder, {.conversations = 40, .messages = 12}, "a.json");
  StoredHistory history;
  std::vector<std::future<ImportSummary>> running;
  for (const std::size_t batch : {7U, 30U, 100U}) {
    running.push_back(std::async(std::launch::async, [&, batch] {
      Runtime runtime;
      storage::PostgresStorage storage(
          runtime.executor(),
          {.pool = {.conninfo = test::TestServer::instance().dsn(history.database)}});
      const std::vector<std::filesystem::path> paths{folder.path()};
      return Importer(runtime, storage, tiny_batches(batch)).run(paths);
    }));
  }
  std::uint64_t conversations = 0;
  std::uint64_t messages = 0;
  for (auto& one : running) {
    const ImportSummary summary = one.get();
    EXPECT_EQ(summary.faults, 0U);
    conversations += summary.new_conversations;
    messages += summary.new_messages;
  }
  EXPECT_EQ(conversations, 40U);
  EXPECT_EQ(messages, 480U);
  EXPECT_EQ(history.count("messages"), 480);
  EXPECT_EQ(test::damage(history.admin_dsn()), "");
}

TEST(Importer, RefusesAPathThatDoesNotExist) {
  StoredHistory history;
  EXPECT_THROW((void)history.import({"/nowhere/at/all.json"}), Error);
}

}  // namespace
}  // namespace loci::transcript
