#include <loci/transcript/importer.hpp>

#include <gmock/gmock.h>

#include "support/history_files.hpp"
#include "support/stored_history.hpp"

/// The counts that the notes of the real data give. Skipped where it is not beside the checkout.
namespace loci::transcript {
namespace {

using test::StoredHistory;

void expect_nothing_new(StoredHistory& history, const std::filesystem::path& folder) {
  const ImportSummary again = history.import({folder});
  EXPECT_EQ(again.new_conversations, 0U);
  EXPECT_EQ(again.new_messages, 0U);
  EXPECT_EQ(test::damage(history.admin_dsn()), "");
}

TEST(RealData, OasstGivesItsTreesAndBranches) {
  const auto folder = shared_data("oasst");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no real data beside the checkout";
  StoredHistory history;
  const ImportSummary summary = history.import({folder});
  EXPECT_EQ(summary.faults, 0U);
  EXPECT_EQ(history.count("conversations where source = 'oasst'"), 100);
  const std::string of_trees =
      "messages m join conversations c on c.id = m.conversation_id where c.source = ";
  EXPECT_EQ(history.count(of_trees + "'oasst'"), 1167);
  EXPECT_EQ(history.count("(select m.parent_id from " + of_trees +
                          "'oasst' and m.parent_id is not null group by 1 having count(*) > 1) b"),
            260);
  EXPECT_EQ(history.count("conversations where source = 'oasst-seed'"), 74);
  EXPECT_EQ(history.count(of_trees + "'oasst-seed'"), 444);
  expect_nothing_new(history, folder);
}

TEST(RealData, IrcGivesItsMessagesAndReplies) {
  const auto folder = shared_data("irc");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no real data beside the checkout";
  StoredHistory history;
  const ImportSummary summary = history.import({folder});
  EXPECT_EQ(summary.faults, 0U);
  EXPECT_EQ(summary.new_conversations, 80U);
  EXPECT_EQ(summary.new_messages, 97494U);
  EXPECT_EQ(history.count("messages"), 97494);
  EXPECT_EQ(history.count("conversations"), 80);
  expect_nothing_new(history, folder);
}

TEST(RealData, FixturesOfEveryFormatGiveWhatTheyHold) {
  const auto folder = shared_data("import_fixtures");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no real data beside the checkout";
  StoredHistory history;
  const ImportSummary summary = history.import({folder});
  const auto in = [&](const std::string& source) {
    return history.value(
        "select count(distinct c.id) || ' ' || count(m.id) from conversations c left "
        "join messages m on m.conversation_id = c.id where c.source = '" +
        source + "'");
  };
  EXPECT_EQ(in("chatgpt"), "2 8");
  EXPECT_EQ(in("claude"), "3 17");
  EXPECT_EQ(in("claude-code"), "3 30");
  EXPECT_EQ(in("codex"), "1 2");
  EXPECT_EQ(summary.branches, 2U);
  EXPECT_EQ(summary.tool_calls, 9U);
  EXPECT_EQ(history.count("tool_executions"), 9);
  EXPECT_EQ(summary.faults, 6U) << "all in claude_code_edge_cases.jsonl";
  expect_nothing_new(history, folder);
}

}  // namespace
}  // namespace loci::transcript
