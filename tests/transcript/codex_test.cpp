#include "support/history_files.hpp"
#include "transcript/reader_feed.hpp"

#include <gmock/gmock.h>

namespace loci::transcript {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

RecordingSink read_codex(const Lines& lines) {
  RecordingSink sink;
  feed(make_codex_reader, lines, sink);
  return sink;
}

const Lines& rollout() {
  static const Lines lines{
      R"({"timestamp":"2025-12-08T00:37:46Z","type":"session_meta","payload":{"id":"abc","timestamp":"2025-12-08T00:37:40Z","cwd":"/w","cli_version":"0.65.0"}})",
      R"({"timestamp":"2025-12-08T00:37:47Z","type":"turn_context","payload":{"model":"o9"}})",
      R"({"timestamp":"2025-12-08T00:37:48Z","type":"response_item","payload":{"type":"message","role":"developer","content":[{"type":"input_text","text":"Be kind."}]}})",
      R"({"timestamp":"2025-12-08T00:37:49Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>\n  <cwd>/w</cwd>\n</environment_context>"}]}})",
      R"({"timestamp":"2025-12-08T00:37:50Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"List the files"},{"type":"input_image","image_url":"x"}]}})",
      R"({"timestamp":"2025-12-08T00:37:51Z","type":"event_msg","payload":{"type":"token_count"}})",
      R"({"timestamp":"2025-12-08T00:37:52Z","type":"response_item","payload":{"type":"reasoning","summary":[{"type":"summary_text","text":"think"}],"encrypted_content":"e"}})",
      R"({"timestamp":"2025-12-08T00:37:53Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{\"command\":[\"ls\"]}","call_id":"c1"}})",
      R"({"timestamp":"2025-12-08T00:37:54Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c1","output":"{\"output\":\"a.txt\\n\",\"metadata\":{\"exit_code\":2}}"}})",
      R"({"timestamp":"2025-12-08T00:37:55Z","type":"response_item","payload":{"type":"custom_tool_call","name":"apply_patch","input":"*** Begin","call_id":"c2"}})",
      R"({"timestamp":"2025-12-08T00:37:56Z","type":"response_item","payload":{"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"Done"}]}})",
      R"({"timestamp":"2025-12-08T00:37:57Z","type":"response_item","payload":{"type":"local_shell_call","call_id":"c3","status":"completed","action":{"type":"exec","command":["pwd"]}}})",
      R"({"timestamp":"2025-12-08T00:37:58Z","type":"response_item","payload":{"type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}}})",
      R"({"timestamp":"2025-12-08T00:37:59Z","type":"compacted","payload":{"message":"So far: files listed."}})",
      R"({"timestamp":"2025-12-08T00:38:00Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"One file."}]}})"};
  return lines;
}

TEST(Codex, ReadsARolloutAsAChain) {
  const RecordingSink sink = read_codex(rollout());
  ASSERT_EQ(sink.conversations.size(), 1U);
  const auto& [draft, messages, end] = sink.conversations.front();
  EXPECT_EQ(draft.source, "codex");
  EXPECT_EQ(draft.source_id, "abc");
  EXPECT_EQ(draft.metadata.text, R"({"cwd":"/w","cli_version":"0.65.0"})");
  EXPECT_EQ(draft.created_at, parse_timestamp("2025-12-08T00:37:40Z"));
  ASSERT_EQ(messages.size(), 12U);
  EXPECT_FALSE(messages[0].parent);
  for (std::size_t i = 1; i < messages.size(); ++i) {
    EXPECT_EQ(messages[i].parent, messages[i - 1].source_id);
  }
  EXPECT_EQ(end.current_leaf, messages.back().source_id);
  EXPECT_EQ(end.title, "List the files");
  EXPECT_EQ(sink.notes().size(), 2U);
  EXPECT_THAT(sink.faults(), IsEmpty());
}

TEST(Codex, LinksCallsAndOutputs) {
  const RecordingSink sink = read_codex(rollout());
  const auto& messages = sink.conversations.at(0).messages;
  EXPECT_EQ(messages[4].role, Role::assistant);
  EXPECT_EQ(messages[4].calls.at(0).call_id, "c1");
  EXPECT_EQ(messages[4].calls[0].arguments.text, R"({"command":["ls"]})");
  EXPECT_EQ(messages[4].model, "o9");
  EXPECT_EQ(messages[5].role, Role::tool);
  EXPECT_EQ(messages[5].content, "a.txt\n");
  EXPECT_TRUE(messages[5].results.at(0).is_error);
  EXPECT_EQ(messages[6].calls.at(0).arguments.text, R"("*** Begin")");
  EXPECT_EQ(messages[7].content, "Done");
  EXPECT_FALSE(messages[7].results.at(0).is_error);
  EXPECT_EQ(messages[8].calls.at(0).name, "local_shell");
  EXPECT_EQ(messages[8].calls[0].arguments.text, R"({"type":"exec","command":["pwd"]})");
  EXPECT_EQ(messages[9].calls.at(0).name, "web_search");
  EXPECT_EQ(messages[9].calls[0].call_id, messages[9].source_id);
}

TEST(Codex, KeepsWhatIsNoSpeech) {
  const RecordingSink sink = read_codex(rollout());
  const auto& messages = sink.conversations.at(0).messages;
  EXPECT_EQ(messages[0].role, Role::system);
  EXPECT_EQ(messages[0].metadata.text, R"({"role":"developer"})");
  EXPECT_EQ(messages[1].metadata.text, R"({"context":true})");
  EXPECT_THAT(messages[2].parts.text, HasSubstr("input_image"));
  EXPECT_EQ(messages[3].content, "");
  EXPECT_THAT(messages[3].parts.text, HasSubstr(R"("encrypted_content":"e")"));
  EXPECT_EQ(messages[10].role, Role::system);
  EXPECT_EQ(messages[10].content, "So far: files listed.");
}

TEST(Codex, ReadsTheOlderBareItems) {
  const std::string yes = R"({"type":"message","role":"user","content":"yes"})";
  const RecordingSink sink =
      read_codex({R"({"id":"old","timestamp":"2025-05-01T00:00:00Z","instructions":null})",
                  R"({"record_type":"state"})", yes, yes});
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].draft.source_id, "old");
  EXPECT_EQ(sink.conversations[0].messages.size(), 2U) << "without a time both were said";
}

TEST(Codex, ALineThatStandsTwiceWithItsTimeIsARepeat) {
  Lines lines = rollout();
  lines.push_back(lines.back());
  const RecordingSink sink = read_codex(lines);
  EXPECT_EQ(sink.message_count(), 12U);
  EXPECT_EQ(sink.notes().back().place, "line 16");
}

TEST(Codex, AGrownFileKeepsTheIdsItHad) {
  Lines grown = rollout();
  grown.push_back(
      R"({"timestamp":"2025-12-08T01:00:00Z","type":"response_item","payload":{"role":"user","content":"more"}})");
  const RecordingSink before = read_codex(rollout());
  const RecordingSink after = read_codex(grown);
  ASSERT_EQ(after.message_count(), before.message_count() + 1);
  for (std::size_t i = 0; i < before.message_count(); ++i) {
    EXPECT_EQ(after.conversations[0].messages[i].source_id,
              before.conversations[0].messages[i].source_id);
  }
}

TEST(Codex, KeepsTheOriginalOfTextThatCannotBeStored) {
  const RecordingSink sink =
      read_codex({R"({"type":"message","role":"user","content":"a\u0000"})"});
  EXPECT_EQ(sink.conversations.at(0).messages[0].content, "a\uFFFD");
  EXPECT_EQ(sink.conversations[0].messages[0].parts.text, R"(["a\u0000"])");
}

TEST(Codex, TellsBrokenRecords) {
  const RecordingSink sink = read_codex(
      {"7", R"({"type":"message","role":"user"})", R"({"type":"message","content":"x"})"});
  EXPECT_EQ(sink.faults().size(), 2U);
  EXPECT_EQ(sink.message_count(), 1U);
}

TEST(Codex, SurvivesAnyMutation) {
  expect_survives_mutations(make_codex_reader, rollout());
}

TEST(Codex, ReadsTheRealRollout) {
  const auto file = shared_data("import_fixtures") / "codex_rollout_min.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const RecordingSink sink = read_codex(lines_of(file));
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].draft.source_id, "registry-codex");
  ASSERT_EQ(sink.conversations[0].messages.size(), 2U);
  EXPECT_EQ(sink.conversations[0].messages[1].content, "the rollout is readable");
  EXPECT_THAT(sink.skips, IsEmpty());
}

}  // namespace
}  // namespace loci::transcript
