#include "support/history_files.hpp"
#include "transcript/history_file.hpp"
#include "transcript/piecemeal_stream.hpp"

#include <gmock/gmock.h>

namespace loci::transcript {
namespace {

using testing::HasSubstr;

constexpr const char* hello =
    R"({"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi there"}]})";

TEST(Openai, ReadsAConversationALine) {
  RecordingSink sink;
  read_text(
      std::string(hello) + "\n" + R"({"messages":[{"role":"user","content":"Other"}]})" + "\n",
      sink, Format::automatic, "chats.jsonl");
  ASSERT_EQ(sink.conversations.size(), 2U);
  const auto& messages = sink.conversations[0].messages;
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].content, "Hello");
  EXPECT_EQ(messages[0].parts.text, "");
  EXPECT_EQ(messages[0].metadata.text, "{}");
  EXPECT_EQ(messages[1].parent, messages[0].source_id);
  EXPECT_EQ(sink.skips.size(), 0U);
}

TEST(Openai, TakesAnArrayOfMessagesAsOneConversation) {
  const std::string array =
      R"([{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi there"}])";
  for (const std::string& bytes : {array, std::string("[\n") + array.substr(1)}) {
    RecordingSink sink;
    read_text(bytes, sink);
    ASSERT_EQ(sink.conversations.size(), 1U);
    EXPECT_EQ(sink.message_count(), 2U);
  }
  RecordingSink lines;
  read_text(array + "\n" + R"([{"role":"user","content":"Next"}])" + "\n", lines, Format::automatic,
            "x.jsonl");
  EXPECT_EQ(lines.conversations.size(), 2U);
}

TEST(Openai, KeepsWhatCameBeforeACutInAnArrayOfMessages) {
  RecordingSink sink;
  read_text(R"([{"role":"user","content":"Hello"},{"role":"assis)", sink);
  EXPECT_EQ(sink.message_count(), 1U);
  EXPECT_EQ(sink.faults().size(), 1U);
}

TEST(Openai, TakesBareMessagesOfAFileAsOneConversation) {
  RecordingSink sink;
  read_text(
      "{\"role\":\"user\",\"content\":\"Hello\"}\n{\"role\":\"assistant\",\"content\":\"Hi\"}\n",
      sink, Format::automatic, "x.jsonl");
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.message_count(), 2U);
}

// A file of that text, read by who may hold no more than 200 bytes of a conversation.
RecordingSink read_holding_little(const std::string& text) {
  RecordingSink sink;
  PiecemealStream bytes(text, 64);
  (void)read_records(bytes, "x.jsonl", Format::automatic, Asked::by_name, sink,
                     {.conversation = 200});
  return sink;
}

std::string bare_messages(int count, const std::string& between) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text +=
        (i == 0 ? "" : between) + R"({"role":"user","content":"Hello )" + std::to_string(i) + "\"}";
  }
  return text;
}

TEST(Openai, LeavesBareMessagesOutThatAreTooManyAndSaysSoOnce) {
  EXPECT_EQ(read_holding_little(bare_messages(4, "\n")).message_count(), 4U);
  const RecordingSink sink = read_holding_little(bare_messages(40, "\n") + "\n" + hello + "\n");
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].messages.at(1).content, "Hi there");
  ASSERT_EQ(sink.faults().size(), 1U);
  EXPECT_THAT(sink.faults()[0].reason, HasSubstr("larger than"));
}

TEST(Openai, LeavesAnArrayOfMessagesOutWholeWhenItIsTooLarge) {
  const RecordingSink sink =
      read_holding_little("[" + bare_messages(40, ",") + "]\n[" + bare_messages(2, ",") + "]\n");
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.message_count(), 2U);
  ASSERT_EQ(sink.faults().size(), 1U);
  EXPECT_THAT(sink.faults()[0].reason, HasSubstr("larger than"));
}

TEST(Openai, LinksToolCallsWithTheirResults) {
  RecordingSink sink;
  const std::string call =
      R"({"id":"call_1","type":"function","function":{"name":"get","arguments":"{\"n\": 1}"}})";
  read_text(
      R"({"messages":[{"role":"assistant","content":null,"tool_calls":[)" + call +
          R"(]},)"
          R"({"role":"tool","tool_call_id":"call_1","content":"42"},)"
          R"({"role":"tool","tool_call_id":"call_9","content":"?"},)"
          R"({"role":"assistant","content":"Calling","function_call":{"name":"old","arguments":"no json"}},)"
          R"({"role":"function","name":"old","content":"done"}]})",
      sink);
  const auto& messages = sink.conversations.at(0).messages;
  ASSERT_EQ(messages.size(), 5U);
  EXPECT_EQ(messages[0].parts.text, "[" + call + "]");
  ASSERT_EQ(messages[0].calls.size(), 1U);
  EXPECT_EQ(messages[0].calls[0].name, "get");
  EXPECT_EQ(messages[0].calls[0].arguments.text, R"({"n": 1})");
  ASSERT_EQ(messages[1].results.size(), 1U);
  EXPECT_EQ(messages[1].results[0].call_id, "call_1");
  EXPECT_TRUE(messages[2].results.empty());
  EXPECT_THAT(messages[2].metadata.text, HasSubstr("call_9"));
  EXPECT_EQ(messages[3].calls.at(0).arguments.text, R"("no json")");
  EXPECT_EQ(messages[4].role, Role::tool);
  EXPECT_EQ(messages[4].results.at(0).call_id, messages[3].calls[0].call_id);
  EXPECT_THAT(messages[4].metadata.text, HasSubstr(R"("role":"function","name":"old")"));
  EXPECT_EQ(sink.notes().size(), 1U);
}

TEST(Openai, JoinsTextBlocksAndKeepsTheOthers) {
  const std::string blocks =
      R"([{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:"}},{"type":"text","text":"there"}])";
  RecordingSink sink;
  read_text(R"({"messages":[{"role":"user","content":)" + blocks + "}]}", sink);
  const MessageDraft& message = sink.conversations.at(0).messages.at(0);
  EXPECT_EQ(message.content, "Look\n\nthere");
  EXPECT_EQ(message.parts.text, blocks);
}

TEST(Openai, KeepsIdTimesTitleAndTheRest) {
  RecordingSink sink;
  read_text(
      R"({"id":"chatcmpl-0123456789abcdef","created":1704067200,"model":"gpt-4o","title":"T",)"
      R"("messages":[{"role":"developer","content":"Be kind","timestamp":1704067201000}]})",
      sink);
  const auto& conversation = sink.conversations.at(0);
  EXPECT_EQ(conversation.draft.source_id, "chatcmpl-0123456789abcdef");
  EXPECT_EQ(conversation.draft.title, "T");
  EXPECT_EQ(to_rfc3339(*conversation.draft.created_at), "2024-01-01T00:00:00Z");
  EXPECT_EQ(conversation.draft.metadata.text, R"({"model":"gpt-4o"})");
  EXPECT_EQ(conversation.messages[0].role, Role::system);
  EXPECT_EQ(to_rfc3339(*conversation.messages[0].created_at), "2024-01-01T00:00:01Z");
  EXPECT_EQ(conversation.messages[0].metadata.text, R"({"role":"developer"})");
}

TEST(Openai, NamesAreStableWhenAConversationGrows) {
  RecordingSink before;
  RecordingSink after;
  read_text(hello, before);
  std::string grown = hello;
  grown.insert(grown.size() - 2, R"(,{"role":"user","content":"More"})");
  read_text(grown, after);
  EXPECT_EQ(before.conversations.at(0).draft.source_id, after.conversations.at(0).draft.source_id);
  EXPECT_EQ(before.conversations[0].messages[1].source_id,
            after.conversations[0].messages[1].source_id);
  EXPECT_EQ(after.message_count(), 3U);
}

TEST(Openai, TellsConversationsThatOpenAlikeApart) {
  const auto line = [](const std::string& last) {
    return R"({"messages":[{"role":"system","content":"S"},{"role":"user","content":"Hi"},)"
           R"({"role":"assistant","content":"Hello"},{"role":"user","content":")" +
           last + "\"}]}\n";
  };
  RecordingSink sink;
  read_text(line("one") + line("two") + line("one") + line("two"), sink, Format::automatic,
            "x.jsonl");
  ASSERT_EQ(sink.conversations.size(), 2U);
  EXPECT_NE(sink.conversations[0].draft.source_id, sink.conversations[1].draft.source_id);
  EXPECT_EQ(sink.notes().size(), 2U);  // the repeats
}

TEST(Openai, LosesOnlyTheTornLastLine) {
  RecordingSink sink;
  read_text(std::string(hello) + "\n{\"messages\":[{\"role\":\"us", sink, Format::automatic,
            "x.jsonl");
  EXPECT_EQ(sink.conversations.size(), 1U);
  ASSERT_EQ(sink.faults().size(), 1U);
  EXPECT_EQ(sink.faults()[0].place, "line 2");
  EXPECT_THAT(sink.faults()[0].reason, HasSubstr("torn"));
}

TEST(Openai, KeepsTheOriginalOfTextThatCannotBeStored) {
  RecordingSink sink;
  read_text(R"({"messages":[{"role":"user","content":"a\u0000b"}]})", sink);
  EXPECT_EQ(sink.conversations.at(0).messages.at(0).parts.text, R"([{"content":"a\u0000b"}])");
}

}  // namespace
}  // namespace loci::transcript
