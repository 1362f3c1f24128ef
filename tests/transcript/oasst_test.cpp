#include "support/history_files.hpp"
#include "transcript/reader_feed.hpp"

#include <gmock/gmock.h>
#include <map>
#include <set>

namespace loci::transcript {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const MakeReader k_make = [](Sink& sink) { return make_oasst_reader(sink); };

RecordingSink read_oasst(const Lines& lines, const ReaderLimits& limits = {}) {
  RecordingSink sink;
  feed([&](Sink& to) { return make_oasst_reader(to, limits); }, lines, sink);
  return sink;
}

std::vector<std::string> tree(const RecordingSink::Conversation& conversation) {
  std::vector<std::string> lines;
  for (const MessageDraft& message : conversation.messages) {
    lines.push_back(message.source_id + "<" + message.parent.value_or("-"));
  }
  return lines;
}

const std::string& nested() {
  static const std::string record =
      R"({"message_tree_id":"r","tree_state":"ready","prompt":{"message_id":"r","text":"Why?","role":"prompter","lang":"en","created_date":"2023-02-05T10:00:00Z","replies":[)"
      R"({"message_id":"a","parent_id":"r","text":"A","role":"assistant","replies":[]},)"
      R"({"message_id":"b","parent_id":"r","text":"B","role":"assistant","rank":1,"replies":[]},)"
      R"({"message_id":"c","parent_id":"r","text":"C","role":"assistant","rank":0,"model_name":"m","replies":[{"message_id":"d","parent_id":"c","text":"D","role":"prompter","replies":[]}]}]}})";
  return record;
}

const Lines& flat() {
  static const Lines lines{
      R"({"message_id":"c","parent_id":"b","message_tree_id":"a","text":"C","role":"prompter"})",
      R"({"message_id":"b","parent_id":"a","message_tree_id":"a","text":"B","role":"assistant","rank":0})",
      R"({"message_id":"a","parent_id":null,"message_tree_id":"a","text":"A","role":"prompter"})",
      R"({"message_id":"x","parent_id":null,"message_tree_id":"x","text":"X","role":"prompter"})",
      R"({"message_id":"y","parent_id":"gone","message_tree_id":"x","text":"Y","role":"assistant"})"};
  return lines;
}

TEST(Oasst, ReadsATreeWithItsBestPath) {
  const RecordingSink sink = read_oasst({nested()});
  ASSERT_EQ(sink.conversations.size(), 1U);
  const auto& conversation = sink.conversations.front();
  EXPECT_EQ(conversation.draft.source, "oasst");
  EXPECT_EQ(conversation.draft.source_id, "r");
  EXPECT_EQ(conversation.draft.title, "Why?");
  EXPECT_EQ(conversation.draft.metadata.text, R"({"tree_state":"ready"})");
  EXPECT_THAT(tree(conversation), ElementsAre("r<-", "a<r", "b<r", "c<r", "d<c"));
  EXPECT_EQ(conversation.end.current_leaf, "d");
  EXPECT_EQ(conversation.messages[3].model, "m");
  EXPECT_EQ(conversation.messages[3].metadata.text, R"({"rank":0})");
  EXPECT_THAT(sink.skips, IsEmpty());
}

TEST(Oasst, AMessageWithRepliesIsTheSameConversationAsItsTree) {
  const auto document = JsonDocument::parse(nested());
  const RecordingSink sink = read_oasst({std::string(document.root()["prompt"].raw())});
  EXPECT_EQ(sink.conversations.at(0).draft.source_id, "r");
  EXPECT_THAT(tree(sink.conversations[0]), ElementsAre("r<-", "a<r", "b<r", "c<r", "d<c"));
}

TEST(Oasst, PutsFlatMessagesIntoTheirTrees) {
  const RecordingSink sink = read_oasst(flat());
  ASSERT_EQ(sink.conversations.size(), 2U);
  EXPECT_THAT(tree(sink.conversations[0]), ElementsAre("a<-", "b<a", "c<b"));
  EXPECT_THAT(tree(sink.conversations[1]), ElementsAre("x<-", "y<-"));
  EXPECT_EQ(sink.conversations[1].messages[1].metadata.text, R"({"parent_id":"gone"})");
  EXPECT_EQ(sink.notes().size(), 1U);
}

TEST(Oasst, OpensACircleOfFlatMessages) {
  const RecordingSink sink = read_oasst(
      {R"({"user_message_id":"a","parent_message_id":"b","text":"A","role":"prompter"})",
       R"({"user_message_id":"b","parent_message_id":"a","text":"B","role":"assistant"})"});
  EXPECT_THAT(tree(sink.conversations.at(0)), ElementsAre("a<-", "b<a"));
  EXPECT_EQ(sink.conversations[0].draft.source, "oasst-seed");
}

TEST(Oasst, LeavesOutWhatHasNoTextAndKeepsItsReplies) {
  const RecordingSink sink = read_oasst(
      {R"({"message_id":"r","text":"R","role":"prompter","replies":[{"message_id":"a","text":7,"replies":[{"message_id":"b","text":"B","role":"assistant"},{"message_id":"b","text":"B","role":"assistant"}]}]})"});
  EXPECT_THAT(tree(sink.conversations.at(0)), ElementsAre("r<-", "b<r"));
  EXPECT_EQ(sink.faults().size(), 1U);
  EXPECT_EQ(sink.notes().size(), 1U);
}

// `count` flat messages of a tree, each below the one before; they say 100 letters.
Lines chain(const std::string& tree, int count) {
  Lines lines;
  for (int i = 0; i < count; ++i) {
    const std::string parent = i == 0 ? "null" : "\"" + tree + std::to_string(i - 1) + "\"";
    lines.push_back(R"({"message_id":")" + tree + std::to_string(i) + R"(","parent_id":)" + parent +
                    R"(,"message_tree_id":")" + tree + R"(","text":")" + std::string(100, 'x') +
                    R"(","role":"prompter"})");
  }
  return lines;
}

Lines operator+(Lines first, const Lines& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

constexpr ReaderLimits k_one_open_tree{.open_trees = 1};

TEST(Oasst, HandsAFlatTreeOverOnceAnotherFollows) {
  RecordingSink sink;
  const auto reader = make_oasst_reader(sink, k_one_open_tree);
  const auto take = [&](const std::string& line) {
    reader->record(JsonDocument::parse(line).root(), {"flat.jsonl", "line"});
  };
  for (const std::string& line : chain("a", 3)) take(line);
  EXPECT_EQ(sink.conversations.size(), 0U) << "it may go on";
  take(chain("b", 1)[0]);
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_THAT(tree(sink.conversations[0]), ElementsAre("a0<-", "a1<a0", "a2<a1"));
  reader->finish({"flat.jsonl", ""});
  EXPECT_EQ(sink.conversations.size(), 2U);
}

TEST(Oasst, GivesTheSameWhateverItMayHold) {
  const Lines lines = flat() + chain("k", 4) + chain("l", 1) + chain("m", 3);
  const RecordingSink all = read_oasst(lines);
  const RecordingSink few = read_oasst(lines, k_one_open_tree);
  ASSERT_EQ(few.conversations.size(), all.conversations.size());
  for (std::size_t i = 0; i < all.conversations.size(); ++i) {
    EXPECT_EQ(few.conversations[i].draft.source_id, all.conversations[i].draft.source_id);
    EXPECT_EQ(tree(few.conversations[i]), tree(all.conversations[i]));
  }
  EXPECT_THAT(few.faults(), IsEmpty());
}

TEST(Oasst, TellsOfAMessageWhoseTreeWasHandedOver) {
  const RecordingSink sink =
      read_oasst(chain("a", 2) + chain("b", 1) + Lines{chain("a", 3)[2]}, k_one_open_tree);
  EXPECT_EQ(sink.message_count(), 3U);
  ASSERT_EQ(sink.faults().size(), 1U);
  EXPECT_EQ(sink.faults()[0].place, "line 4");
}

TEST(Oasst, LeavesATreeOutThatIsTooLargeAndSaysSoOnce) {
  const RecordingSink sink = read_oasst(chain("a", 2) + chain("b", 500) + chain("c", 1),
                                        {.conversation = 50'000, .open_trees = 50'000});
  ASSERT_EQ(sink.conversations.size(), 2U);
  EXPECT_EQ(sink.conversations[0].draft.source_id, "a");
  EXPECT_EQ(sink.conversations[1].draft.source_id, "c");
  ASSERT_EQ(sink.faults().size(), 1U);
  EXPECT_THAT(sink.faults()[0].reason, HasSubstr("the tree is larger than"));
}

TEST(Oasst, HoldsNoMoreThanItMayOfMessagesThatNameNoTree) {
  Lines lines;
  for (int i = 0; i < 500; ++i) {
    lines.push_back(R"({"user_message_id":")" + std::to_string(i) +
                    R"(","parent_message_id":null,"text":"A","role":"prompter"})");
  }
  const RecordingSink sink = read_oasst(lines + chain("a", 2), {.conversation = 50'000});
  ASSERT_EQ(sink.conversations.size(), 1U);
  EXPECT_EQ(sink.conversations[0].draft.source_id, "a");
  ASSERT_EQ(sink.faults().size(), 1U);
  EXPECT_THAT(sink.faults()[0].reason, HasSubstr("name no tree"));
}

TEST(Oasst, SurvivesAnyMutation) {
  Lines all = flat();
  all.push_back(nested());
  all.push_back(
      R"({"task_message_id":"t","user_message_id":"s","parent_message_id":null,"text":"S","role":"prompter"})");
  expect_survives_mutations(k_make, all);
}

TEST(Oasst, SurvivesAnyMutationWhenItMayHoldLittle) {
  expect_survives_mutations([](Sink& sink) { return make_oasst_reader(sink, k_one_open_tree); },
                            flat() + chain("k", 4) + chain("l", 2));
}

class OasstFiles : public testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "no " << folder_;
  }
  std::filesystem::path folder_ = shared_data("oasst");
};

std::size_t branch_points(const RecordingSink& sink) {
  std::size_t count = 0;
  for (const auto& conversation : sink.conversations) {
    std::map<std::string, int> replies;
    for (const MessageDraft& message : conversation.messages) {
      if (message.parent && ++replies[*message.parent] == 2) ++count;
    }
  }
  return count;
}

TEST_F(OasstFiles, BothFilesHoldTheSameHundredTrees) {
  const RecordingSink trees = read_oasst(lines_of(folder_ / "en_100_tree.jsonl"));
  const RecordingSink messages = read_oasst(lines_of(folder_ / "en_100_message.jsonl"));
  EXPECT_EQ(trees.conversations.size(), 100U);
  EXPECT_EQ(trees.message_count(), 1167U);
  EXPECT_EQ(branch_points(trees), 260U);
  EXPECT_THAT(trees.skips, IsEmpty());

  std::set<std::string> in_trees;
  std::set<std::string> in_messages;
  const auto gather = [](const RecordingSink& sink, std::set<std::string>& into) {
    for (const auto& conversation : sink.conversations) {
      for (const std::string& line : tree(conversation)) {
        into.insert(conversation.draft.source + " " + conversation.draft.source_id + " " + line);
      }
    }
  };
  gather(trees, in_trees);
  gather(messages, in_messages);
  EXPECT_EQ(in_trees.size(), 1167U);
  EXPECT_EQ(in_trees, in_messages);
  EXPECT_EQ(trees.conversations[1].end.current_leaf, "24e027d1-e043-4320-af17-327622eb7ed5");
}

TEST_F(OasstFiles, TheSeedIsASourceOfItsOwn) {
  RecordingSink sink;
  read_history(folder_ / "realistic_seed_data.json", {}, sink);
  EXPECT_EQ(sink.conversations.size(), 74U);
  EXPECT_EQ(sink.message_count(), 444U);
  EXPECT_EQ(branch_points(sink), 77U);
  EXPECT_EQ(sink.conversations.at(0).draft.source, "oasst-seed");
  EXPECT_THAT(sink.skips, IsEmpty());
}

}  // namespace
}  // namespace loci::transcript
