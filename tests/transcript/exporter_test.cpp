#include <loci/transcript/exporter.hpp>

#include <loci/transcript/loci_jsonl.hpp>

#include <gmock/gmock.h>

#include "support/generated_export.hpp"
#include "support/history_files.hpp"
#include "support/stored_history.hpp"

#include <algorithm>

namespace loci::transcript {
namespace {

using test::StoredHistory;
using testing::HasSubstr;
using testing::Not;

// What comes out, goes in elsewhere, and comes out there, is the same to the byte.
void expect_round_trip(StoredHistory& history) {
  const ScratchFolder folder;
  const std::string first = history.exported();
  ASSERT_FALSE(first.empty());
  StoredHistory copy;
  const ImportSummary summary =
      copy.import({folder.write("all.jsonl", first)}, {.user_id = "nobody", .batch_messages = 500});
  EXPECT_EQ(summary.faults, 0U);
  for (const Skip& skip : summary.skips) ADD_FAILURE() << skip.place << ": " << skip.reason;
  EXPECT_EQ(summary.new_messages, static_cast<std::uint64_t>(history.count(
                                      "messages m join conversations c on c.id = m.conversation_id "
                                      "where c.deleted_at is null")));
  const std::string second = copy.exported();
  if (second == first) return;
  const auto at = std::ranges::mismatch(first, second).in1 - first.begin();
  const std::size_t from = static_cast<std::size_t>(std::max<std::ptrdiff_t>(at - 200, 0));
  ADD_FAILURE() << "first:  " << first.substr(from, 400)
                << "\nsecond: " << second.substr(from, 400);
}

TEST(Exporter, RoundTripsTheSampleHistory) {
  StoredHistory history;
  (void)history.import({std::filesystem::path(LOCI_SOURCE_DIR) / "examples" / "data"});
  expect_round_trip(history);
}

TEST(Exporter, RoundTripsRealHistories) {
  if (!std::filesystem::exists(shared_data(""))) GTEST_SKIP() << "no real data beside the checkout";
  StoredHistory history;
  (void)history.import({shared_data("import_fixtures"), shared_data("oasst"), shared_data("irc")});
  expect_round_trip(history);
}

// Texts and JSON that are easily changed on the way.
TEST(Exporter, RoundTripsHostileText) {
  const ScratchFolder folder;
  StoredHistory history;
  const std::string text =
      R"(NUL \u0000 lone \ud800 \udfff pair \ud83d\ude00 line\u2028sep tab\t \u001b[2J \\u0041 \"q\" ')";
  const std::string metadata =
      R"({"a":1,"a":2,"big":123456789012345678901234567890,"small":1.0e-7,"one":1.0,"esc":"\/é","nul":"\u0000","deep":[[[[{}]]]]})";
  (void)history.import({folder.write(
      "x.json",
      R"([{"id":"c \u0000 1","title":")" + text + R"(","create_time":1700000000.123456,)" +
          R"("gizmo":)" + metadata + R"(,"mapping":{)" +
          R"("r":{"id":"r","parent":null,"children":[],"message":{"author":{"role":"user"},)" +
          R"("content":{"content_type":"text","parts":[")" + text + R"("]},"metadata":)" +
          metadata +
          R"(}},"a":{"id":"a","parent":"r","children":[],"message":{"author":{"role":"assistant"},)" +
          R"("create_time":1700000001,"content":{"content_type":"multimodal_text","parts":[{"x":1.0,"y":"\u0000"},"seen"]}}},)" +
          R"("b":{"id":"b","parent":"r","children":[],"message":{"author":{"role":"assistant"},)" +
          R"("content":{"content_type":"text","parts":["other branch"]}}}}},)" +
          R"({"id":"empty","title":"","create_time":0,"mapping":{}}])")});
  EXPECT_EQ(history.count("messages"), 3);
  expect_round_trip(history);
}

Uuid id(int number) {
  const std::string digits = std::to_string(number);
  return *Uuid::parse("018f0000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits);
}

// Everything the format can say, in conversations begun with Loci itself.
TEST(Exporter, RoundTripsWhatItsOwnFormatCanSay) {
  const ScratchFolder folder;
  StoredHistory history;
  const Timestamp time = *parse_timestamp("2024-10-29T15:59:18.774635Z");
  const std::string text =
      to_jsonl(ExportedConversation{.id = id(1),
                                    .user_id = "ann",
                                    .status = "archived",
                                    .metadata = {R"({"k": 1.50})"},
                                    .current_leaf = id(12),
                                    .created_at = time,
                                    .updated_at = time}) +
      to_jsonl(ExportedMessage{
          .id = id(11),
          .role = Role::assistant,
          .content = "calling",
          .parts = {"[\n  {\"b\": 1e2, \"b\": \"\\u0000\"}\n]"},
          .model = "m",
          .metadata = {R"({"t": [1, 2]})"},
          .created_at = time,
          .tool_calls =
              {{.call_id = "t1",
                .name = "sh",
                .arguments = {R"({"a":1,"a":1.0})"},
                .status = "error"},
               {.call_id = "t2", .name = "sh", .arguments = {"\"no json\""}, .status = "denied"},
               {.call_id = "t3", .name = "sh", .status = "pending"}}}) +
      to_jsonl(ExportedMessage{.id = id(12),
                               .parent = id(11),
                               .role = Role::tool,
                               .content = "",
                               .metadata = {},
                               .created_at = time,
                               .tool_results = {{.call_id = "t1", .is_error = true}}}) +
      to_jsonl(ExportedConversation{
          .id = id(2), .user_id = "ben", .title = "", .created_at = time, .updated_at = time});
  (void)history.import({folder.write("own.jsonl", text)});
  EXPECT_EQ(
      history.value("select string_agg(status, ' ' order by tool_call_id) from tool_executions"),
      "error denied pending");
  EXPECT_EQ(history.value("select title from conversations where user_id = 'ben'"), "")
      << "an untitled conversation got a title";
  expect_round_trip(history);
}

TEST(Exporter, LeavesDeletedConversationsOut) {
  const ScratchFolder folder;
  StoredHistory history;
  const auto file = folder.path() / "x.json";
  test::write_export(file, {.conversations = 3, .messages = 2});
  (void)history.import({file});
  (void)history.value("update conversations set deleted_at = now() where source_id = 'c1'");
  const std::string text = history.exported();
  EXPECT_THAT(text, HasSubstr("\"c0\""));
  EXPECT_THAT(text, Not(HasSubstr("c1")));
  EXPECT_THAT(text, HasSubstr("\"c2\""));
  expect_round_trip(history);
}

TEST(Exporter, WritesOneConversationOrThoseOfOneUser) {
  const ScratchFolder folder;
  StoredHistory history;
  const auto file = folder.path() / "x.json";
  test::write_export(file, {.conversations = 2, .messages = 2});
  (void)history.import({file}, {.user_id = "ann"});
  (void)history.import({std::filesystem::path(LOCI_SOURCE_DIR) / "examples" / "data"});
  const std::string anns = history.exported({.user_id = "ann"});
  EXPECT_EQ(std::ranges::count(anns, '\n'), 6);
  const Uuid one =
      *Uuid::parse(history.value("select id from conversations where source_id = 'c1'"));
  EXPECT_EQ(std::ranges::count(history.exported({.conversation = one}), '\n'), 3);
}

TEST(Exporter, ReadsAConversationLongerThanAPage) {
  const ScratchFolder folder;
  StoredHistory history;
  const auto file = folder.path() / "x.json";
  test::write_export(file, {.conversations = 2, .messages = 1203});
  (void)history.import({file});
  EXPECT_EQ(std::ranges::count(history.exported(), '\n'), 2 * 1204);
}

TEST(Exporter, PassesTheErrorOfItsReaderOn) {
  StoredHistory history;
  (void)history.import({std::filesystem::path(LOCI_SOURCE_DIR) / "examples" / "data"});
  EXPECT_THROW((void)export_history(history.runtime, history.storage, {},
                                    [](std::string_view) { throw std::runtime_error("full"); }),
               std::runtime_error);
  EXPECT_FALSE(history.exported().empty()) << "its connection was left unusable";
}

}  // namespace
}  // namespace loci::transcript
