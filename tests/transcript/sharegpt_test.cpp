#include "support/history_files.hpp"

#include <gmock/gmock.h>

namespace loci::transcript {
namespace {

TEST(Sharegpt, ReadsTurnsUnderEachOfTheirNames) {
  for (const char* name : {"conversations", "conversation", "items"}) {
    RecordingSink sink;
    read_text(
        std::string(R"([{"id":"QWJhYvA_0123456789",")") + name +
            R"(":[{"from":"system","value":"S"},{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}]}])",
        sink);
    ASSERT_EQ(sink.conversations.size(), 1U) << name;
    const auto& conversation = sink.conversations[0];
    EXPECT_EQ(conversation.draft.source, "sharegpt");
    EXPECT_EQ(conversation.draft.source_id, "QWJhYvA_0123456789");
    EXPECT_EQ(conversation.draft.metadata.text, "{}");
    ASSERT_EQ(conversation.messages.size(), 3U);
    EXPECT_EQ(conversation.messages[0].role, Role::system);
    EXPECT_EQ(conversation.messages[1].role, Role::user);
    EXPECT_EQ(conversation.messages[1].metadata.text, "{}");
    EXPECT_EQ(conversation.messages[2].role, Role::assistant);
    EXPECT_EQ(conversation.messages[2].parent, conversation.messages[1].source_id);
  }
}

TEST(Sharegpt, LinksACallWithItsObservation) {
  RecordingSink sink;
  read_text(
      R"({"tools":"[]","conversations":[{"from":"human","value":"Weather?"},)"
      R"({"from":"function_call","value":"{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}"},)"
      R"({"from":"observation","value":"sunny"},{"from":"gpt","value":"Sunny."}]})",
      sink);
  const auto& conversation = sink.conversations.at(0);
  EXPECT_EQ(conversation.draft.metadata.text, R"({"tools":"[]"})");
  const MessageDraft& call = conversation.messages.at(1);
  EXPECT_EQ(call.role, Role::assistant);
  ASSERT_EQ(call.calls.size(), 1U);
  EXPECT_EQ(call.calls[0].name, "weather");
  EXPECT_EQ(call.calls[0].arguments.text, R"({"city": "Rome"})");
  EXPECT_EQ(call.metadata.text, R"({"from":"function_call"})");
  EXPECT_EQ(conversation.messages[2].role, Role::tool);
  EXPECT_EQ(conversation.messages[2].results.at(0).call_id, call.calls[0].call_id);
}

TEST(Sharegpt, TellsRowsOfTheSameNumberInOtherDataSetsApart) {
  RecordingSink one;
  RecordingSink other;
  read_text(R"([{"id":1,"conversations":[{"from":"human","value":"A"}]}])", one);
  read_text(R"([{"id":1,"conversations":[{"from":"human","value":"B"}]}])", other);
  EXPECT_NE(one.conversations.at(0).draft.source_id, other.conversations.at(0).draft.source_id);
}

TEST(Sharegpt, KeepsWhatIsNotAString) {
  RecordingSink sink;
  read_text(
      R"({"conversations":[{"from":"human","value":{"a":1}},{"from":"gpt","value":"x\ud800"},7]})",
      sink);
  const auto& messages = sink.conversations.at(0).messages;
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].parts.text, R"([{"value":{"a":1}}])");
  EXPECT_EQ(messages[1].parts.text, R"([{"value":"x\ud800"}])");
  EXPECT_EQ(sink.faults().size(), 1U);
}

TEST(Sharegpt, ReadsLines) {
  RecordingSink sink;
  read_text(
      "{\"conversations\":[{\"from\":\"human\",\"value\":\"A\"}]}\n"
      "{\"conversations\":[{\"from\":\"human\",\"value\":\"B\"}]}\n"
      "{\"conversations\":[]}\n",
      sink, Format::automatic, "x.jsonl");
  EXPECT_EQ(sink.conversations.size(), 2U);
  EXPECT_EQ(sink.notes().size(), 1U);
}

}  // namespace
}  // namespace loci::transcript
