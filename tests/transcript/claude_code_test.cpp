#include "support/history_files.hpp"
#include "transcript/reader_feed.hpp"

#include <gmock/gmock.h>

namespace loci::transcript {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> tree(const RecordingSink::Conversation& conversation) {
  std::vector<std::string> lines;
  for (const MessageDraft& message : conversation.messages) {
    lines.push_back(message.source_id + "<" + message.parent.value_or("-"));
  }
  return lines;
}

// A line of session "s" that says "text <id>".
std::string line(const std::string& id, const std::string& parent, const std::string& more = "",
                 const std::string& session = "s") {
  const std::string above = parent.empty() ? "null" : "\"" + parent + "\"";
  return R"({"type":"user","sessionId":")" + session + R"(","uuid":")" + id + R"(","parentUuid":)" +
         above + R"(,"timestamp":"2025-06-14T10:00:00Z")" + more +
         R"(,"message":{"role":"user","content":"text )" + id + R"("}})";
}

RecordingSink read_claude_code(const Lines& lines) {
  RecordingSink sink;
  feed(make_claude_code_reader, lines, sink);
  return sink;
}

const Lines& session() {
  static const Lines lines{
      R"({"type":"file-history-snapshot","messageId":"u1","snapshot":{}})",
      R"({"type":"user","sessionId":"s","uuid":"u1","parentUuid":null,"isSidechain":false,"cwd":"/w","version":"2","gitBranch":"main","timestamp":"2025-06-14T10:00:00Z","message":{"role":"user","content":"Fix the\nbug"}})",
      R"({"type":"assistant","sessionId":"s","uuid":"a1","parentUuid":"u1","isSidechain":false,"cwd":"/w","version":"2","gitBranch":"main","timestamp":"2025-06-14T10:00:01Z","requestId":"r","message":{"id":"m","type":"message","role":"assistant","model":"opus","content":[{"type":"thinking","thinking":"hm","signature":"x"}],"usage":{"output_tokens":3}}})",
      R"({"type":"assistant","sessionId":"s","uuid":"a2","parentUuid":"a1","isSidechain":false,"cwd":"/w","version":"2","gitBranch":"other","timestamp":"2025-06-14T10:00:02Z","message":{"id":"m","role":"assistant","model":"opus","content":[{"type":"text","text":"I look."},{"type":"tool_use","id":"t1","name":"Bash","input":{"command": "ls"}}]}})",
      R"({"type":"progress","uuid":"p1","parentUuid":"a2","sessionId":"s"})",
      R"({"type":"user","sessionId":"s","uuid":"r1","parentUuid":"p1","isSidechain":false,"timestamp":"2025-06-14T10:00:03Z","toolUseResult":{"stdout":"x"},"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[{"type":"text","text":"no such"},{"type":"text","text":"folder"}]}]}})",
      R"({"type":"user","sessionId":"s","uuid":"side","parentUuid":null,"isSidechain":true,"message":{"role":"user","content":"sub-agent"}})",
      R"({"type":"system","subtype":"compact_boundary","sessionId":"s","uuid":"c1","parentUuid":null,"logicalParentUuid":"r1","content":"Conversation compacted"})",
      R"({"type":"user","sessionId":"s","uuid":"u2","parentUuid":"c1","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"late"},{"type":"text","text":"And now?"}]}})",
      R"({"type":"summary","summary":"The bug","leafUuid":"u2"})",
      R"({"type":"queue-operation","operation":"enqueue","sessionId":"s"})"};
  return lines;
}

TEST(ClaudeCode, ReadsASessionAsATree) {
  const RecordingSink sink = read_claude_code(session());
  ASSERT_EQ(sink.conversations.size(), 1U);
  const auto& conversation = sink.conversations.front();
  EXPECT_EQ(conversation.draft.source, "claude-code");
  EXPECT_EQ(conversation.draft.source_id, "s");
  EXPECT_EQ(conversation.draft.metadata.text,
            R"({"sessionId":"s","isSidechain":false,"cwd":"/w","version":"2","gitBranch":"main"})");
  EXPECT_EQ(conversation.end.title, "The bug");
  EXPECT_EQ(conversation.end.current_leaf, "u2");
  EXPECT_EQ(conversation.end.updated_at, parse_timestamp("2025-06-14T10:00:03Z"));
  EXPECT_THAT(tree(conversation),
              ElementsAre("u1<-", "a1<u1", "a2<a1", "r1<a2", "side<-", "c1<r1", "u2<c1"));
  EXPECT_THAT(sink.faults(), IsEmpty());
  EXPECT_EQ(sink.notes().size(), 3U);
}

TEST(ClaudeCode, KeepsEveryBlockAndLinksCallsToResults) {
  const RecordingSink sink = read_claude_code(session());
  const auto& messages = sink.conversations.front().messages;
  EXPECT_EQ(messages[0].content, "Fix the\nbug");
  EXPECT_EQ(messages[0].parts.text, "");
  EXPECT_EQ(messages[1].content, "");
  EXPECT_EQ(messages[1].parts.text, R"([{"type":"thinking","thinking":"hm","signature":"x"}])");
  EXPECT_EQ(messages[1].model, "opus");
  EXPECT_EQ(messages[1].metadata.text,
            R"({"requestId":"r","message":{"id":"m","usage":{"output_tokens":3}}})");
  EXPECT_EQ(messages[2].content, "I look.");
  EXPECT_THAT(messages[2].metadata.text, HasSubstr(R"("gitBranch":"other")"));
  ASSERT_EQ(messages[2].calls.size(), 1U);
  EXPECT_EQ(messages[2].calls[0].call_id, "t1");
  EXPECT_EQ(messages[2].calls[0].name, "Bash");
  EXPECT_EQ(messages[2].calls[0].arguments.text, R"({"command": "ls"})");
  EXPECT_EQ(messages[3].role, Role::tool);
  EXPECT_EQ(messages[3].content, "no such\n\nfolder");
  EXPECT_THAT(messages[3].metadata.text, HasSubstr(R"("toolUseResult":{"stdout":"x"})"));
  ASSERT_EQ(messages[3].results.size(), 1U);
  EXPECT_TRUE(messages[3].results[0].is_error);
  EXPECT_EQ(messages[5].role, Role::system);
  EXPECT_EQ(messages[6].role, Role::user);
  EXPECT_EQ(messages[6].results.size(), 1U);
}

// What the model's host runs by itself (a web search) is called and answered in one message.
TEST(ClaudeCode, LinksAResultToTheCallInItsOwnMessage) {
  const RecordingSink sink = read_claude_code(
      {R"({"type":"assistant","sessionId":"s","uuid":"a","parentUuid":null,"message":{"role":"assistant","content":[{"type":"server_tool_use","id":"t1","name":"web_search","input":{"query":"x"}},{"type":"web_search_tool_result","tool_use_id":"t1","content":[{"type":"text","text":"found"}]},{"type":"text","text":"So it is."}]}})"});
  const MessageDraft& message = sink.conversations.at(0).messages.at(0);
  ASSERT_EQ(message.calls.size(), 1U);
  ASSERT_EQ(message.results.size(), 1U);
  EXPECT_EQ(message.results[0].call_id, message.calls[0].call_id);
  EXPECT_EQ(message.role, Role::assistant);
  EXPECT_EQ(message.content, "found\n\nSo it is.");
}

TEST(ClaudeCode, ReadsASubAgentsFileAsAConversationOfItsOwn) {
  const std::string more = R"(,"isSidechain":true,"agentId":"f00")";
  const RecordingSink sink = read_claude_code({line("x", "", more), line("y", "x", more)});
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].draft.source_id, "s/agent-f00");
  EXPECT_THAT(sink.conversations[0].draft.metadata.text, HasSubstr(R"("parentSession":"s")"));
  EXPECT_EQ(sink.conversations[0].end.current_leaf, "y");
}

TEST(ClaudeCode, AResumedSessionContinuesTheOldOne) {
  const Lines lines{line("a", ""), line("b", "a"), line("c", "b", "", "resumed")};
  const RecordingSink sink = read_claude_code(lines);
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].draft.source_id, "s");
  EXPECT_THAT(tree(sink.conversations[0]), ElementsAre("a<-", "b<a", "c<b"));
  EXPECT_THAT(sink.conversations[0].messages[2].metadata.text,
              HasSubstr(R"("sessionId":"resumed")"));
}

TEST(ClaudeCode, TheRootOfAnotherSessionBeginsAnotherConversation) {
  const RecordingSink sink =
      read_claude_code({line("a", ""), line("b", "", "", "t"), line("c", "b", "", "t")});
  ASSERT_EQ(sink.conversations.size(), 2U);
  EXPECT_EQ(sink.conversations[1].draft.source_id, "t");
  EXPECT_EQ(sink.conversations[1].end.title, "text b");
}

TEST(ClaudeCode, ALineMayComeBeforeItsParent) {
  const RecordingSink sink = read_claude_code({line("c", "b"), line("a", ""), line("b", "a")});
  EXPECT_THAT(tree(sink.conversations.at(0)), ElementsAre("a<-", "b<a", "c<b"));
}

TEST(ClaudeCode, NotesRepeatsAndDanglingParents) {
  const RecordingSink sink = read_claude_code({line("a", ""), line("a", ""), line("b", "gone")});
  EXPECT_THAT(tree(sink.conversations.at(0)), ElementsAre("a<-", "b<-"));
  EXPECT_THAT(sink.conversations[0].messages[1].metadata.text, HasSubstr(R"("parentUuid":"gone")"));
  EXPECT_THAT(sink.faults(), IsEmpty());
  ASSERT_EQ(sink.notes().size(), 2U);
  EXPECT_EQ(sink.notes()[0].place, "line 2");
  EXPECT_EQ(sink.notes()[1].place, "line 3");
}

TEST(ClaudeCode, SurvivesACircleOfParents) {
  const RecordingSink sink =
      read_claude_code({line("a", "c"), line("b", "a"), line("c", "b"), line("d", "d")});
  EXPECT_EQ(sink.message_count(), 4U);
}

TEST(ClaudeCode, ALineWithoutUuidHasAnIdThatStays) {
  const std::string bare =
      R"({"type":"user","sessionId":"s","message":{"role":"user","content":"hi"}})";
  const RecordingSink once = read_claude_code({bare, bare});
  const RecordingSink again = read_claude_code({bare});
  ASSERT_EQ(once.message_count(), 1U);
  EXPECT_EQ(once.conversations[0].messages[0].source_id,
            again.conversations.at(0).messages[0].source_id);
}

TEST(ClaudeCode, LinesThatDoNotSpeakOfParentsAreAChain) {
  const auto bare = [](const std::string& id) {
    return R"({"type":"user","sessionId":"s","uuid":")" + id +
           R"(","message":{"role":"user","content":"hi"}})";
  };
  const RecordingSink sink = read_claude_code({bare("a"), bare("b"), bare("c")});
  EXPECT_THAT(tree(sink.conversations.at(0)), ElementsAre("a<-", "b<a", "c<b"));
}

TEST(ClaudeCode, ATitleThePersonGaveIsTheBest) {
  const RecordingSink sink = read_claude_code(
      {line("a", ""), R"({"type":"custom-title","customTitle":"Mine","sessionId":"s"})",
       R"({"type":"ai-title","aiTitle":"Its","sessionId":"s"})",
       R"({"type":"summary","summary":"Sum","leafUuid":"a"})"});
  EXPECT_EQ(sink.conversations.at(0).end.title, "Mine");
}

TEST(ClaudeCode, TellsBrokenRecordsWithTheirPlace) {
  const RecordingSink sink = read_claude_code(
      {line("a", ""), "42", R"({"silly":1})",
       R"({"type":"user","uuid":"b","parentUuid":"a","message":"error"})", line("c", "b")});
  ASSERT_EQ(sink.faults().size(), 3U);
  EXPECT_EQ(sink.faults()[0].place, "line 2");
  EXPECT_THAT(tree(sink.conversations.at(0)), ElementsAre("a<-", "c<a"));
}

TEST(ClaudeCode, KeepsTheOriginalOfTextThatCannotBeStored) {
  std::string bad = line("a", "");
  bad.replace(bad.find("text a"), 6, R"(x\u0000y\ud800)");
  const RecordingSink sink = read_claude_code({bad});
  EXPECT_EQ(sink.conversations.at(0).messages[0].content, "x\uFFFDy\uFFFD");
  EXPECT_EQ(sink.conversations[0].messages[0].parts.text, R"(["x\u0000y\ud800"])");
}

TEST(ClaudeCode, ReadsAMessageOfTenMegabytes) {
  std::string big = line("a", "");
  big.replace(big.find("text a"), 6, std::string(10'000'000, 'z'));
  const RecordingSink sink = read_claude_code({big, line("b", "a")});
  EXPECT_EQ(sink.conversations.at(0).messages[0].content.size(), 10'000'000U);
  EXPECT_EQ(sink.message_count(), 2U);
}

TEST(ClaudeCode, AFileWithoutMessagesBeginsNothing) {
  const RecordingSink sink =
      read_claude_code({R"({"type":"summary","summary":"x","leafUuid":"y"})"});
  EXPECT_THAT(sink.conversations, IsEmpty());
  EXPECT_EQ(sink.notes().size(), 1U);
}

TEST(ClaudeCode, SurvivesAnyMutation) {
  expect_survives_mutations(make_claude_code_reader, session());
}

class ClaudeCodeFiles : public testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "no " << folder_;
  }
  RecordingSink read_file(const std::string& name) const {
    return read_claude_code(lines_of(folder_ / name));
  }

  std::filesystem::path folder_ = shared_data("import_fixtures");
};

TEST_F(ClaudeCodeFiles, ReadsTheSampleSession) {
  const RecordingSink sink = read_file("claude_code_sample_session.jsonl");
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].messages.size(), 7U);
  EXPECT_EQ(sink.conversations[0].end.title, "Test session for JSONL parsing");
  EXPECT_EQ(sink.conversations[0].end.current_leaf, "msg-007");
  EXPECT_EQ(sink.conversations[0].messages[6].parent, "msg-006");
}

TEST_F(ClaudeCodeFiles, ReadsTheRepresentativeMessages) {
  const RecordingSink sink = read_file("claude_code_representative_messages.jsonl");
  ASSERT_EQ(sink.conversations.size(), 1U);
  const auto& messages = sink.conversations[0].messages;
  EXPECT_EQ(messages.size(), 11U);
  EXPECT_EQ(std::ranges::count(messages, Role::tool, &MessageDraft::role), 2);
  EXPECT_THAT(sink.skips, IsEmpty());
}

TEST_F(ClaudeCodeFiles, ReadsWhatIsWholeOfTheEdgeCases) {
  const RecordingSink sink = read_file("claude_code_edge_cases.jsonl");
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].draft.source_id, "edge_cases");
  EXPECT_EQ(sink.conversations[0].messages.size(), 12U);
  EXPECT_EQ(sink.faults().size(), 6U);
  EXPECT_THAT(sink.conversations[0].end.title, testing::Optional(HasSubstr("edge cases")));
}

}  // namespace
}  // namespace loci::transcript
