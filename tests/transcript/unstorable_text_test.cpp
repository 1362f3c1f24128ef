#include "support/history_files.hpp"

#include <gmock/gmock.h>

/// Every reader tells of text that no column takes, once a message, and keeps the original.
namespace loci::transcript {
namespace {

using testing::HasSubstr;

struct History {
  const char* name;
  std::string text;  // one message, and TEXT stands where it speaks
};

const std::vector<History>& histories() {
  static const std::vector<History> all{
      {"chatgpt.json",
       R"([{"id":"c","mapping":{"a":{"parent":null,"message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["TEXT"]}}}}}])"},
      {"claude.json",
       R"([{"uuid":"c","chat_messages":[{"uuid":"a","sender":"human","text":"TEXT"}]}])"},
      {"claude-code.jsonl",
       R"({"type":"user","sessionId":"s","uuid":"u","parentUuid":null,"message":{"role":"user","content":"TEXT"}})"},
      {"claude-code-result.jsonl",
       R"({"type":"user","sessionId":"s","uuid":"u","parentUuid":null,"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"TEXT"}]}]}})"},
      {"claude-code-file.jsonl",
       R"({"type":"attachment","sessionId":"s","uuid":"u","parentUuid":null,"attachment":{"type":"file","content":"TEXT"}})"},
      {"codex.jsonl",
       R"({"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"TEXT"}]}})"},
      {"codex-output.jsonl",
       R"({"type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":"TEXT"}})"},
      {"codex-compacted.jsonl", R"({"type":"compacted","payload":{"message":"TEXT"}})"},
      {"openai.json", R"({"messages":[{"role":"user","content":"TEXT"}]})"},
      {"sharegpt.json", R"({"conversations":[{"from":"human","value":"TEXT"}]})"},
      {"oasst.jsonl",
       R"({"message_id":"a","parent_id":null,"message_tree_id":"a","text":"TEXT","role":"prompter"})"},
      {"loci.jsonl", R"({"loci":1,"type":"conversation","id":"018f0000-0000-7000-8000-000000000001"}
{"type":"message","id":"018f0000-0000-7000-8000-000000000002","role":"user","content":"TEXT"})"}};
  return all;
}

RecordingSink read_with(const History& history, const std::string& text) {
  std::string all = history.text;
  all.replace(all.find("TEXT"), 4, text);
  RecordingSink sink;
  read_text(all + "\n", sink, Format::automatic, history.name);
  EXPECT_EQ(sink.message_count(), 1U);
  return sink;
}

TEST(UnstorableText, IsToldOnceAMessageByEveryReaderOfJson) {
  for (const History& history : histories()) {
    SCOPED_TRACE(history.name);
    for (const std::string text : {R"(a\u0000b)", R"(\ud800 alone)", R"(\udc00\u0000)"}) {
      const RecordingSink sink = read_with(history, text);
      ASSERT_EQ(sink.skips.size(), 1U);
      EXPECT_EQ(sink.skips[0].severity, Skip::Severity::note);
      EXPECT_THAT(sink.skips[0].reason, HasSubstr("NUL or a lone surrogate"));
      EXPECT_THAT(sink.skips[0].file, HasSubstr(history.name));
      EXPECT_FALSE(sink.skips[0].place.empty());
    }
  }
}

TEST(UnstorableText, StaysInThePartsAsItWas) {
  for (const History& history : histories()) {
    SCOPED_TRACE(history.name);
    const RecordingSink sink = read_with(history, R"(a\u0000b\ud800)");
    EXPECT_THAT(sink.conversations.at(0).messages.at(0).parts.text, HasSubstr(R"(a\u0000b\ud800)"));
  }
}

TEST(UnstorableText, IsNotSeenInTextThatOnlyLooksLikeIt) {
  for (const History& history : histories()) {
    SCOPED_TRACE(history.name);
    const RecordingSink sink = read_with(history, R"(\\u0000 \ud83d\ude00 \\\\ud800 \n)");
    EXPECT_TRUE(sink.skips.empty()) << sink.skips[0].reason;
  }
}

}  // namespace
}  // namespace loci::transcript
