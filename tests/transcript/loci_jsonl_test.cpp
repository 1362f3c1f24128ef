#include <loci/transcript/loci_jsonl.hpp>

#include "support/history_files.hpp"
#include "transcript/reader_feed.hpp"

#include <gmock/gmock.h>
#include <map>

namespace loci::transcript {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Uuid id(int number) {
  const std::string digits = std::to_string(number);
  return *Uuid::parse("018f0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits);
}

Timestamp at(const char* time) {
  return *parse_timestamp(time);
}

RecordingSink read_loci_jsonl(const Lines& lines) {
  RecordingSink sink;
  feed(make_loci_reader, lines, sink);
  return sink;
}

// A conversation with everything there is to write, and one begun with Loci itself.
Lines exported() {
  return {to_jsonl(ExportedConversation{.id = id(1),
                                        .source = "chatgpt",
                                        .source_id = "c-1",
                                        .user_id = "ann",
                                        .title = "Mount \"it\"\n",
                                        .status = "archived",
                                        .metadata = {R"({ "a" : 1.0e0 })"},
                                        .current_leaf = id(13),
                                        .created_at = at("2024-10-29T15:59:18.774635Z"),
                                        .updated_at = at("2025-01-01")}),
          to_jsonl(ExportedMessage{.id = id(11),
                                   .source_id = "m-1",
                                   .content = "how?",
                                   .parts = {"[\"how?\\ud800\"]"},
                                   .created_at = at("2024-10-29T16:00:00Z")}),
          to_jsonl(ExportedMessage{.id = id(12),
                                   .parent = id(11),
                                   .source_id = "m-2",
                                   .role = Role::assistant,
                                   .content = "",
                                   .parts = {"[\n  {\"b\": 1}\n]"},
                                   .model = "gpt",
                                   .metadata = {"{\r\n}"},
                                   .created_at = at("2024-10-29T16:00:01Z"),
                                   .tool_calls = {{.id = id(90),
                                                   .call_id = "t1",
                                                   .name = "sh",
                                                   .arguments = {"[1,\n2]"},
                                                   .status = "done"},
                                                  {.call_id = "t2", .name = "x"}}}),
          to_jsonl(ExportedMessage{.id = id(13),
                                   .parent = id(12),
                                   .source_id = "m-3",
                                   .role = Role::tool,
                                   .content = "out\xef\xbf\xbd",
                                   .created_at = at("2024-10-29T16:00:02Z"),
                                   .tool_results = {{"t1", true}, {"t2", false}}}),
          to_jsonl(ExportedMessage{.id = id(14),
                                   .parent = id(11),
                                   .source_id = "m-4",
                                   .role = Role::assistant,
                                   .content = "a branch",
                                   .created_at = at("2024-10-29T16:00:02Z")}),
          to_jsonl(ExportedConversation{
              .id = id(2), .created_at = at("2025-02-01"), .updated_at = at("2025-02-01")}),
          to_jsonl(ExportedMessage{
              .id = id(21), .content = "no source", .created_at = at("2025-02-01T00:00:01Z")})};
}

// What a storage does: keeps the drafts, and exports what it kept.
Lines export_again(const RecordingSink& sink) {
  Lines lines;
  for (const auto& [draft, messages, end] : sink.conversations) {
    std::map<std::string, Uuid> ids;
    for (const MessageDraft& message : messages) ids[message.source_id] = message.id.value();
    lines.push_back(to_jsonl(ExportedConversation{
        .id = draft.id.value(),
        .source = draft.source,
        .source_id = draft.source_id,
        .user_id = draft.user_id,
        .title = draft.title,
        .status = draft.status,
        .metadata = draft.metadata,
        .current_leaf = end.current_leaf ? std::optional(ids.at(*end.current_leaf)) : std::nullopt,
        .created_at = draft.created_at.value(),
        .updated_at = draft.updated_at.value()}));
    for (const MessageDraft& message : messages) {
      ExportedMessage out{.id = message.id.value(),
                          .source_id = message.source_id,
                          .role = message.role,
                          .content = message.content,
                          .parts = message.parts,
                          .model = message.model,
                          .metadata = message.metadata,
                          .created_at = message.created_at.value(),
                          .tool_results = message.results};
      if (message.parent) out.parent = ids.at(*message.parent);
      for (const ToolCall& call : message.calls) {
        out.tool_calls.push_back({call.id, call.call_id, call.name, call.arguments, call.status});
      }
      lines.push_back(to_jsonl(out));
    }
  }
  return lines;
}

TEST(LociJsonl, WritesOneObjectALine) {
  const Lines lines = exported();
  EXPECT_EQ(
      lines[5],
      R"({"loci":1,"type":"conversation","id":"018f0000-0000-7000-8000-000000000002","metadata":{},"created_at":"2025-02-01T00:00:00Z","updated_at":"2025-02-01T00:00:00Z"})"
      "\n");
  for (const std::string& line : lines) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_NO_THROW((void)JsonDocument::parse(line));
  }
}

TEST(LociJsonl, ExportedImportedAndExportedIsTheSameToTheByte) {
  const Lines once = exported();
  const RecordingSink sink = read_loci_jsonl(once);
  EXPECT_EQ(export_again(sink), once);
  EXPECT_THAT(sink.skips, IsEmpty());
}

TEST(LociJsonl, ParentsAndLeafBecomeIdsOfTheSource) {
  const RecordingSink sink = read_loci_jsonl(exported());
  ASSERT_EQ(sink.conversations.size(), 2U);
  EXPECT_EQ(sink.conversations[0].draft.source, "chatgpt");
  EXPECT_TRUE(sink.conversations[0].draft.title_is_final);
  EXPECT_EQ(sink.conversations[0].messages.at(1).parent, "m-1");
  EXPECT_EQ(sink.conversations[0].messages.at(1).parts.text, "[\n  {\"b\": 1}\n]");
  EXPECT_EQ(sink.conversations[0].end.current_leaf, "m-3");
  EXPECT_EQ(sink.conversations[1].draft.source, "loci");
  EXPECT_EQ(sink.conversations[1].draft.source_id, id(2).str());
  EXPECT_EQ(sink.conversations[1].messages.at(0).source_id, id(21).str());
}

TEST(LociJsonl, WhatComesBeforeItsParentWaits) {
  Lines lines = exported();
  std::swap(lines[1], lines[3]);
  const RecordingSink sink = read_loci_jsonl(lines);
  EXPECT_EQ(sink.conversations.at(0).messages.size(), 4U);
  EXPECT_THAT(sink.skips, IsEmpty());
}

TEST(LociJsonl, NotesWhatItDoesNotKnow) {
  Lines lines = exported();
  lines[6].insert(1, R"("colour":"red",)");
  const RecordingSink sink = read_loci_jsonl(lines);
  EXPECT_EQ(sink.notes().size(), 1U);
  EXPECT_THAT(sink.faults(), IsEmpty());
  EXPECT_EQ(sink.message_count(), 5U);
}

TEST(LociJsonl, NotesRepeatsAndDanglingLinks) {
  Lines lines = exported();
  lines.erase(lines.begin() + 3);  // the current leaf
  lines.insert(lines.begin() + 2, lines[1]);
  const RecordingSink sink = read_loci_jsonl(lines);
  ASSERT_EQ(sink.notes().size(), 2U);
  EXPECT_THAT(sink.notes()[0].reason, HasSubstr("repeated"));
  EXPECT_THAT(sink.notes()[1].reason, HasSubstr("current leaf"));
  EXPECT_THAT(sink.faults(), IsEmpty());
}

TEST(LociJsonl, TellsWhatIsBroken) {
  const RecordingSink sink = read_loci_jsonl(
      {R"({"type":"message","id":"x","role":"user","content":"lost"})",
       R"({"loci":2,"type":"conversation","id":"x"})", R"({"loci":1,"type":"conversation"})",
       R"({"loci":1,"type":"conversation","source_id":"ok"})",
       R"({"type":"message","id":"x","role":"nobody","content":"x"})", "[]"});
  EXPECT_EQ(sink.faults().size(), 5U);
  EXPECT_EQ(sink.conversations.size(), 1U);
}

TEST(LociJsonl, SurvivesAnyMutation) {
  expect_survives_mutations(make_loci_reader, exported());
}

}  // namespace
}  // namespace loci::transcript
