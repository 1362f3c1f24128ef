#include "support/history_files.hpp"

#include <gmock/gmock.h>

namespace loci::transcript {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> ids(const RecordingSink::Conversation& conversation) {
  std::vector<std::string> out;
  for (const MessageDraft& message : conversation.messages) out.push_back(message.source_id);
  return out;
}

// A conversation whose mapping is the given text.
std::string chatgpt_export(const std::string& mapping, const std::string& more = "") {
  return R"([{"id":"c1","title":"T","create_time":1704067200.5,)" + more + R"("mapping":{)" +
         mapping + "}}]";
}

std::string chatgpt_node(const std::string& id, const std::string& parent,
                         const std::string& message) {
  return '"' + id + R"(":{"id":")" + id + R"(","parent":)" + parent +
         R"(,"children":[],"message":)" + message + "}";
}

std::string said(const std::string& role, const std::string& text, int time = 0) {
  const std::string when = time == 0 ? "null" : std::to_string(time);
  return R"({"author":{"role":")" + role + R"("},"create_time":)" + when +
         R"(,"content":{"content_type":"text","parts":[")" + text + R"("]}})";
}

TEST(Chatgpt, KeepsTheTreeTheTimesAndTheLeaf) {
  RecordingSink sink;
  read_text(chatgpt_export(chatgpt_node("b2", "\"a\"", said("assistant", "second", 30)) + "," +
                               chatgpt_node("root", "null", "null") + "," +
                               chatgpt_node("b1", "\"a\"", said("assistant", "first", 20)) + "," +
                               chatgpt_node("a", "\"root\"", said("user", "ask", 10)),
                           R"("current_node":"b1","update_time":1704067300,"is_archived":false,)"),
            sink);
  ASSERT_EQ(sink.conversations.size(), 1U);
  const auto& conversation = sink.conversations[0];
  EXPECT_EQ(conversation.draft.source, "chatgpt");
  EXPECT_EQ(conversation.draft.source_id, "c1");
  EXPECT_EQ(conversation.draft.title, "T");
  EXPECT_EQ(to_rfc3339(*conversation.draft.created_at), "2024-01-01T00:00:00.500000Z");
  EXPECT_EQ(conversation.draft.metadata.text, R"({"is_archived":false})");
  EXPECT_THAT(ids(conversation), ElementsAre("a", "b1", "b2"));
  EXPECT_EQ(conversation.messages[0].parent, std::nullopt);
  EXPECT_EQ(conversation.messages[1].parent, "a");
  EXPECT_EQ(conversation.messages[2].parent, "a");
  EXPECT_EQ(conversation.end.current_leaf, "b1");
  EXPECT_EQ(sink.faults().size(), 0U);
}

TEST(Chatgpt, GivesTheChildrenOfEmptyNodesToTheNearestMessage) {
  RecordingSink sink;
  read_text(chatgpt_export(chatgpt_node("root", "null", "null") + "," +
                               chatgpt_node("s", "\"root\"", said("system", "  ")) + "," +
                               chatgpt_node("a", "\"s\"", said("user", "ask", 1)) + "," +
                               chatgpt_node("gap", "\"a\"", "null") + "," +
                               chatgpt_node("b", "\"gap\"", said("assistant", "tell", 2)) + "," +
                               chatgpt_node("end", "\"b\"", "null"),
                           R"("current_node":"end",)"),
            sink);
  const auto& conversation = sink.conversations.at(0);
  EXPECT_THAT(ids(conversation), ElementsAre("a", "b"));
  EXPECT_EQ(conversation.messages[1].parent, "a");
  EXPECT_EQ(conversation.end.current_leaf, "b");
  EXPECT_EQ(sink.notes().size(), 4U);
}

TEST(Chatgpt, TakesTheParentFromTheChildrenWhenOnlyTheyAreGiven) {
  RecordingSink sink;
  read_text(R"([{"id":"c","mapping":{)"
            R"("a":{"children":["z","b"],"message":)" +
                said("user", "1") +
                R"(},)"
                R"("b":{"children":[],"message":)" +
                said("assistant", "3") +
                R"(},)"
                R"("z":{"children":[],"message":)" +
                said("assistant", "2") + R"(}}}])",
            sink);
  const auto& conversation = sink.conversations.at(0);
  EXPECT_THAT(ids(conversation), ElementsAre("a", "z", "b"));
  EXPECT_EQ(conversation.messages[2].parent, "a");
}

TEST(Chatgpt, KeepsMessagesWhoseParentIsMissingOrTheirOwnChild) {
  RecordingSink sink;
  read_text(chatgpt_export(chatgpt_node("a", "\"gone\"", said("user", "1", 5)) + "," +
                           chatgpt_node("x", "\"y\"", said("user", "2", 6)) + "," +
                           chatgpt_node("y", "\"x\"", said("assistant", "3", 7)) + "," +
                           chatgpt_node("me", "\"me\"", said("user", "4", 8))),
            sink);
  const auto& conversation = sink.conversations.at(0);
  EXPECT_EQ(conversation.messages.size(), 4U);
  EXPECT_EQ(sink.skips.size(), 3U);
  EXPECT_THAT(sink.skips[0].place, HasSubstr("conversation 1"));
  EXPECT_THAT(conversation.messages[0].metadata.text, HasSubstr(R"("parent":"gone")"));
}

TEST(Chatgpt, TellsARepeatFromAContradiction) {
  RecordingSink sink;
  const std::string a = chatgpt_node("a", "null", said("user", "1", 5));
  read_text(chatgpt_export(a + "," + a + "," + chatgpt_node("a", "null", said("user", "other", 5))),
            sink);
  EXPECT_EQ(sink.message_count(), 1U);
  EXPECT_EQ(sink.notes().size(), 1U);
  EXPECT_EQ(sink.faults().size(), 1U);
}

TEST(Chatgpt, LinksToolCallsAndTheirFirstResult) {
  RecordingSink sink;
  const std::string code = R"({"content_type":"code","language":"python","text":"print 1"})";
  read_text(
      chatgpt_export(
          chatgpt_node(
              "call", "null",
              R"({"author":{"role":"assistant"},"recipient":"python","create_time":1,"content":)" +
                  code + "}") +
          "," +
          chatgpt_node(
              "result", "\"call\"",
              R"({"author":{"role":"tool","name":"python"},"recipient":"all","create_time":2,)"
              R"("metadata":{"aggregate_result":{"status":"failed_with_timeout"}},)"
              R"("content":{"content_type":"execution_output","text":"1"}})") +
          "," + chatgpt_node("late", "\"call\"", said("tool", "again", 3))),
      sink);
  const auto& messages = sink.conversations.at(0).messages;
  ASSERT_EQ(messages.size(), 3U);
  ASSERT_EQ(messages[0].calls.size(), 1U);
  EXPECT_EQ(messages[0].calls[0].call_id, "call");
  EXPECT_EQ(messages[0].calls[0].name, "python");
  EXPECT_EQ(messages[0].calls[0].arguments.text, "\"print 1\"");
  EXPECT_EQ(messages[0].content, "print 1");
  EXPECT_EQ(messages[0].parts.text, "[" + code + "]");
  EXPECT_EQ(messages[1].role, Role::tool);
  ASSERT_EQ(messages[1].results.size(), 1U);
  EXPECT_EQ(messages[1].results[0].call_id, "call");
  EXPECT_TRUE(messages[1].results[0].is_error);
  EXPECT_TRUE(messages[2].results.empty());
}

TEST(Chatgpt, KeepsBlocksThatAreNoTextVerbatim) {
  RecordingSink sink;
  const std::string multimodal =
      R"({"content_type":"multimodal_text","parts":[{"asset_pointer":"file://1", "x":1.50},"What is this?",)"
      R"({"content_type":"audio_transcription","text":"spoken"}]})";
  const std::string thoughts =
      R"({"content_type":"thoughts","thoughts":[{"summary":"s","content":"c"}]})";
  const std::string strange = R"({"content_type":"new_thing","result":"found","deep":[{}]})";
  const auto with = [](const std::string& content) {
    return R"({"author":{"role":"user"},"content":)" + content + "}";
  };
  read_text(chatgpt_export(chatgpt_node("a", "null", with(multimodal)) + "," +
                           chatgpt_node("b", "\"a\"", with(thoughts)) + "," +
                           chatgpt_node("c", "\"b\"", with(strange))),
            sink);
  const auto& messages = sink.conversations.at(0).messages;
  EXPECT_EQ(messages[0].content, "What is this?\n\nspoken");
  EXPECT_EQ(messages[0].parts.text, "[" + multimodal + "]");
  EXPECT_EQ(messages[1].content, "");
  EXPECT_EQ(messages[1].parts.text, "[" + thoughts + "]");
  EXPECT_EQ(messages[2].content, "found");
  EXPECT_EQ(messages[2].parts.text, "[" + strange + "]");
}

TEST(Chatgpt, KeepsWhatNoColumnHoldsAsMetadata) {
  RecordingSink sink;
  read_text(
      chatgpt_export(chatgpt_node(
          "a", "null",
          R"({"id":"a","author":{"role":"user","name":null,"metadata":{}},"create_time":1,)"
          R"("content":{"content_type":"text","parts":["hi"]},"weight":1.0,)"
          R"("metadata":{"model_slug":"gpt-4","is_visually_hidden_from_conversation":true}})")),
      sink);
  const MessageDraft& message = sink.conversations.at(0).messages.at(0);
  EXPECT_EQ(message.model, "gpt-4");
  EXPECT_EQ(message.parts.text, "");
  EXPECT_EQ(
      message.metadata.text,
      R"({"weight":1.0,"metadata":{"model_slug":"gpt-4","is_visually_hidden_from_conversation":true}})");
}

TEST(Chatgpt, KeepsTheOriginalOfTextThatCannotBeStored) {
  RecordingSink sink;
  read_text(
      chatgpt_export(chatgpt_node("a", "null", said("user", R"(nul \u0000 and \ud800 alone)")) +
                     "," + chatgpt_node("b", "\"a\"", said("user", R"(fine \ud83d\ude00)"))),
      sink);
  const auto& messages = sink.conversations.at(0).messages;
  EXPECT_EQ(messages[0].content, "nul \xef\xbf\xbd and \xef\xbf\xbd alone");
  EXPECT_THAT(messages[0].parts.text, HasSubstr(R"(nul \u0000 and \ud800 alone)"));
  EXPECT_EQ(messages[1].content, "fine \xf0\x9f\x98\x80");
  EXPECT_EQ(messages[1].parts.text, "");
  EXPECT_EQ(sink.notes().size(), 1U);
}

TEST(Chatgpt, NamesAConversationWithoutAnIdAlwaysTheSame) {
  const std::string one =
      R"([{"mapping":{)" + chatgpt_node("a", "null", said("user", "hi", 1)) + "}}]";
  const std::string grown = R"([{"title":"new","mapping":{)" +
                            chatgpt_node("a", "null", said("user", "hi", 1)) + "," +
                            chatgpt_node("b", "\"a\"", said("assistant", "hello", 2)) + "}}]";
  RecordingSink first;
  RecordingSink second;
  read_text(one, first);
  read_text(grown, second);
  EXPECT_EQ(first.conversations.at(0).draft.source_id, second.conversations.at(0).draft.source_id);
}

TEST(Chatgpt, HandsOverWholeConversationsBeforeTheFileIsCutOff) {
  const std::string one = chatgpt_export(chatgpt_node("a", "null", said("user", "hi", 1)));
  RecordingSink sink;
  read_text(one.substr(0, one.size() - 1) + "," + one.substr(1, 60), sink);
  EXPECT_EQ(sink.conversations.size(), 1U);
  ASSERT_EQ(sink.faults().size(), 1U);
  EXPECT_THAT(sink.faults()[0].place, HasSubstr("conversation 2 (byte"));
}

TEST(Chatgpt, ReadsAMessageOfTenMegabytesAndInvalidUtf8) {
  RecordingSink sink;
  read_text(chatgpt_export(chatgpt_node("a", "null", said("user", std::string(10 << 20, 'x'))) +
                           "," + chatgpt_node("b", "\"a\"", said("user", "bad \xc3( byte"))),
            sink);
  EXPECT_EQ(sink.conversations.at(0).messages[0].content.size(), std::size_t{10} << 20);
  EXPECT_EQ(sink.conversations.at(0).messages[1].content, "bad \xef\xbf\xbd( byte");
}

TEST(Chatgpt, RefusesWhatIsNestedTooDeepAndGoesOn) {
  const std::string deep = R"({"mapping":)" + std::string(2000, '[') + std::string(2000, ']') + "}";
  RecordingSink sink;
  const std::string good = chatgpt_export(chatgpt_node("a", "null", said("user", "hi", 1)));
  read_text("[" + deep + "," + good.substr(1), sink);
  EXPECT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.faults().size(), 1U);
}

TEST(Chatgpt, ReadsALongChainOfEmptyNodes) {
  std::string mapping = chatgpt_node("n0", "null", said("user", "top", 1));
  for (int i = 1; i <= 20000; ++i) {
    mapping +=
        "," + chatgpt_node("n" + std::to_string(i), "\"n" + std::to_string(i - 1) + "\"", "null");
  }
  mapping += "," + chatgpt_node("last", "\"n20000\"", said("assistant", "bottom", 2));
  RecordingSink sink;
  read_text(chatgpt_export(mapping), sink);
  ASSERT_EQ(sink.message_count(), 2U);
  EXPECT_EQ(sink.conversations[0].messages[1].parent, "n0");
}

TEST(Chatgpt, ReadsTheRealBranchExample) {
  const auto file = shared_data("import_fixtures") / "chatgpt_branch_example.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file.parent_path();
  RecordingSink sink;
  read_history(file, {}, sink);
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].draft.title, "Sample conversation with branch");
  EXPECT_THAT(ids(sink.conversations[0]), ElementsAre("msg-2", "msg-3", "msg-4", "msg-5", "msg-6"));
  EXPECT_EQ(sink.conversations[0].messages[3].parent, "msg-3");
  EXPECT_EQ(sink.conversations[0].messages[1].model, "gpt-4");
  EXPECT_EQ(sink.conversations[0].end.current_leaf, "msg-6");
  EXPECT_EQ(sink.notes().size(), 1U);
  EXPECT_EQ(sink.faults().size(), 0U);
}

TEST(Chatgpt, ReadsTheRealSyntheticExport) {
  const auto file = shared_data("import_fixtures") / "chatgpt_synthetic_00.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file.parent_path();
  RecordingSink sink;
  read_history(file, {}, sink);
  ASSERT_EQ(sink.message_count(), 3U);
  const auto& messages = sink.conversations[0].messages;
  EXPECT_EQ(messages[0].content, "Could you review this code for potential issues?");
  EXPECT_EQ(messages[1].parent, messages[0].source_id);
  EXPECT_EQ(messages[2].parent, messages[0].source_id);
  EXPECT_EQ(sink.conversations[0].end.current_leaf, "6e068097-25e9-4977-8d72-48e2951f58d0");
  EXPECT_EQ(sink.skips.size(), 0U);
}

}  // namespace
}  // namespace loci::transcript
