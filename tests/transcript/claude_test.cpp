#include "support/history_files.hpp"

#include <gmock/gmock.h>

namespace loci::transcript {
namespace {

using testing::HasSubstr;

std::string claude_export(const std::string& messages, const std::string& more = "") {
  return R"([{"uuid":"c1","name":"N","created_at":"2024-01-15T10:00:00Z",)" + more +
         R"("chat_messages":[)" + messages + "]}]";
}

TEST(Claude, ChainsOlderMessagesInTheirOrder) {
  RecordingSink sink;
  read_text(claude_export(
                R"({"uuid":"a","sender":"human","text":"one","created_at":"2024-01-15T10:00:01Z"},)"
                R"({"uuid":"b","sender":"assistant","text":"two","content":[]},)"
                R"({"uuid":"c","sender":"human","text":"three"})"),
            sink);
  const auto& conversation = sink.conversations.at(0);
  EXPECT_EQ(conversation.draft.source, "claude");
  EXPECT_EQ(conversation.draft.source_id, "c1");
  EXPECT_EQ(conversation.draft.title, "N");
  EXPECT_EQ(conversation.draft.metadata.text, "{}");
  ASSERT_EQ(conversation.messages.size(), 3U);
  EXPECT_EQ(conversation.messages[0].parent, std::nullopt);
  EXPECT_EQ(conversation.messages[1].parent, "a");
  EXPECT_EQ(conversation.messages[2].parent, "b");
  EXPECT_EQ(conversation.messages[1].role, Role::assistant);
  EXPECT_EQ(conversation.messages[1].content, "two");
  EXPECT_EQ(conversation.messages[1].parts.text, "");
  EXPECT_EQ(conversation.messages[1].metadata.text, "{}");
}

TEST(Claude, FollowsTheParentsOfNewerMessages) {
  RecordingSink sink;
  read_text(
      claude_export(R"({"uuid":"b2","sender":"assistant","text":"2b","parent_message_uuid":"a"},)"
                    R"({"uuid":"a","sender":"human","text":"1",)"
                    R"("parent_message_uuid":"00000000-0000-4000-8000-000000000000"},)"
                    R"({"uuid":"b1","sender":"assistant","text":"2a","parent_message_uuid":"a"},)"
                    R"({"uuid":"x","sender":"human","text":"lost","parent_message_uuid":"gone"})",
                    R"("current_leaf_message_uuid":"b1",)"),
      sink);
  const auto& conversation = sink.conversations.at(0);
  ASSERT_EQ(conversation.messages.size(), 4U);
  EXPECT_EQ(conversation.messages[0].source_id, "a");
  EXPECT_EQ(conversation.messages[0].parent, std::nullopt);
  EXPECT_EQ(conversation.messages[1].parent, "a");
  EXPECT_EQ(conversation.messages[3].parent, std::nullopt);
  EXPECT_THAT(conversation.messages[3].metadata.text, HasSubstr(R"("parent_message_uuid":"gone")"));
  EXPECT_EQ(conversation.end.current_leaf, "b1");
  EXPECT_EQ(sink.skips.size(), 1U);
}

TEST(Claude, KeepsBlocksAndLinksToolsInsideAMessage) {
  const std::string thinking = R"({"type":"thinking","thinking":"hmm"})";
  const std::string call = R"({"type":"tool_use","id":"t1","name":"search","input":{"q": "x"}})";
  const std::string result =
      R"({"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[]})";
  const std::string nameless = R"({"type":"tool_use","name":"repl","input":null})";
  const std::string text = R"({"type":"text","text":"Found.","citations":[]})";
  RecordingSink sink;
  read_text(claude_export(R"({"uuid":"a","sender":"assistant","text":"","content":[)" + thinking +
                          "," + call + "," + result + "," + nameless +
                          R"(,{"type":"tool_result","content":"4"},)" + text + "]}"),
            sink);
  const MessageDraft& message = sink.conversations.at(0).messages.at(0);
  EXPECT_EQ(message.content, "Found.");
  EXPECT_EQ(message.parts.text, "[" + thinking + "," + call + "," + result + "," + nameless +
                                    R"(,{"type":"tool_result","content":"4"},)" + text + "]");
  ASSERT_EQ(message.calls.size(), 2U);
  EXPECT_EQ(message.calls[0].arguments.text, R"({"q": "x"})");
  EXPECT_EQ(message.calls[1].call_id, "a#2");
  ASSERT_EQ(message.results.size(), 2U);
  EXPECT_TRUE(message.results[0].is_error);
  EXPECT_EQ(message.results[1].call_id, "a#2");
}

TEST(Claude, MakesTheTextOfAttachmentsSearchable) {
  const std::string attachments =
      R"([{"file_name":"a.txt","file_size":5,"extracted_content":"inside"}])";
  RecordingSink sink;
  read_text(
      claude_export(R"({"uuid":"a","sender":"human","text":"see file","files":[],"attachments":)" +
                    attachments + "}"),
      sink);
  const MessageDraft& message = sink.conversations.at(0).messages.at(0);
  EXPECT_EQ(message.content, "see file\n\ninside");
  EXPECT_EQ(message.parts.text,
            R"([{"type":"text","text":"see file"},{"attachments":)" + attachments + "}]");
}

TEST(Claude, KeepsWhatNoColumnHolds) {
  RecordingSink sink;
  read_text(
      claude_export(R"({"uuid":"a","sender":"human","text":"flat","index":0,"truncated":false,)"
                    R"("created_at":"yesterday","content":[{"type":"text","text":"rich"}]})",
                    R"("summary":"s","updated_at":"2024-01-15T11:00:00+01:00",)"),
      sink);
  const auto& conversation = sink.conversations.at(0);
  EXPECT_EQ(conversation.draft.metadata.text, R"({"summary":"s"})");
  EXPECT_EQ(to_rfc3339(*conversation.draft.updated_at), "2024-01-15T10:00:00Z");
  EXPECT_EQ(conversation.messages[0].content, "rich");
  EXPECT_EQ(conversation.messages[0].metadata.text,
            R"({"text":"flat","index":0,"truncated":false,"created_at":"yesterday"})");
}

TEST(Claude, KeepsTheOriginalOfTextThatCannotBeStored) {
  RecordingSink sink;
  read_text(claude_export(
                R"({"uuid":"a","sender":"human","content":[{"type":"text","text":"a\u0000b"}]},)"
                R"({"uuid":"b","sender":"human","text":"c\udfffd"})"),
            sink);
  const auto& messages = sink.conversations.at(0).messages;
  EXPECT_EQ(messages[0].content,
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(messages[0].parts.text, R"([{"type":"text","text":"a\u0000b"}])");
  EXPECT_EQ(messages[1].parts.text, R"([{"type":"text","text":"c\udfffd"}])");
  EXPECT_EQ(sink.notes().size(), 2U);
}

TEST(Claude, LeavesOutRepeatsAndEmptyConversations) {
  RecordingSink sink;
  const std::string a = R"({"uuid":"a","sender":"human","text":"1","parent_message_uuid":null})";
  read_text(R"([{"uuid":"e","name":"","chat_messages":[]},)" + claude_export(a + "," + a).substr(1),
            sink);
  EXPECT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.message_count(), 1U);
  EXPECT_EQ(sink.notes().size(), 2U);
}

struct RealFile {
  const char* name;
  std::size_t messages;
  std::size_t calls;
};

TEST(Claude, ReadsTheRealExports) {
  const auto folder = shared_data("import_fixtures");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  for (const auto& [name, messages, calls] :
       {RealFile{"claude_ai_claude-bakery-chat.json", 4, 0},
        RealFile{"claude_ai_conversation-with-errors.json", 10, 1},
        RealFile{"claude_ai_synthetic_00.json", 3, 0}}) {
    RecordingSink sink;
    read_history(folder / name, {}, sink);
    ASSERT_EQ(sink.conversations.size(), 1U) << name;
    EXPECT_EQ(sink.message_count(), messages) << name;
    std::size_t called = 0;
    for (const MessageDraft& message : sink.conversations[0].messages) {
      called += message.calls.size();
      EXPECT_NE(message.content, "") << name << ' ' << message.source_id;
    }
    EXPECT_EQ(called, calls) << name;
    EXPECT_EQ(sink.skips.size(), 0U) << name;
  }
}

TEST(Claude, ReadsTheRealBakeryChatWithItsLeaf) {
  const auto file = shared_data("import_fixtures") / "claude_ai_claude-bakery-chat.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file.parent_path();
  RecordingSink sink;
  read_history(file, {}, sink);
  const auto& conversation = sink.conversations.at(0);
  EXPECT_EQ(conversation.draft.title, "Interactive Bakery Comparison Visualization");
  EXPECT_EQ(conversation.messages[0].parent, std::nullopt);
  EXPECT_EQ(conversation.end.current_leaf, conversation.messages[3].source_id);
  EXPECT_THAT(conversation.messages[0].parts.text, HasSubstr(R"("thumbnail_asset")"));
}

}  // namespace
}  // namespace loci::transcript
