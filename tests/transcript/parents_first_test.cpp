#include "transcript/parents_first.hpp"

#include "support/recording_sink.hpp"

#include <gmock/gmock.h>
#include <string>
#include <vector>

namespace loci::transcript {
namespace {

using testing::ElementsAre;

class ParentsFirstTest : public testing::Test {
protected:
  void SetUp() override { sink_.begin({.source = "test", .source_id = "1"}); }
  void TearDown() override {
    messages_.finish();
    sink_.end({});
  }

  bool add(const std::string& id, const std::optional<std::string>& parent) {
    MessageDraft message;
    message.source_id = id;
    message.content = std::string(100, 'x');
    return messages_.add(id, parent, std::move(message), {"file", id});
  }

  std::vector<std::string> tree() const {
    std::vector<std::string> lines;
    for (const MessageDraft& message : sink_.conversations.back().messages) {
      lines.push_back(message.source_id + "<" + message.parent.value_or("-"));
    }
    return lines;
  }

  RecordingSink sink_;
  ParentsFirst messages_{sink_, "parent", 4000};
};

TEST_F(ParentsFirstTest, HandsOverAtOnceWhatHasItsParent) {
  add("a", std::nullopt);
  add("b", "a");
  EXPECT_THAT(tree(), ElementsAre("a<-", "b<a"));
}

TEST_F(ParentsFirstTest, HoldsBackWhatComesBeforeItsParent) {
  add("c", "b");
  add("b", "a");
  EXPECT_THAT(tree(), ElementsAre());
  add("a", std::nullopt);
  EXPECT_THAT(tree(), ElementsAre("a<-", "b<a", "c<b"));
}

TEST_F(ParentsFirstTest, RefusesARepeat) {
  EXPECT_TRUE(add("a", std::nullopt));
  EXPECT_FALSE(add("a", std::nullopt));
  EXPECT_TRUE(add("b", "later"));
  EXPECT_FALSE(add("b", "a"));
}

TEST_F(ParentsFirstTest, LooksThroughRecordsThatAreNoMessages) {
  add("a", std::nullopt);
  messages_.pass_through("p", "a");
  messages_.pass_through("q", "p");
  add("b", "q");
  EXPECT_THAT(tree(), ElementsAre("a<-", "b<a"));
  EXPECT_EQ(sink_.conversations.back().messages[1].metadata.text, R"({"parent":"q"})");
}

TEST_F(ParentsFirstTest, LooksThroughRecordsThatComeLater) {
  add("c", "q");
  messages_.pass_through("q", "p");
  messages_.pass_through("p", "a");
  EXPECT_THAT(tree(), ElementsAre());
  add("a", std::nullopt);
  EXPECT_THAT(tree(), ElementsAre("a<-", "c<a"));
}

TEST_F(ParentsFirstTest, GivesUpAtTheEndOnParentsThatNeverCame) {
  add("b", "gone");
  add("c", "b");
  messages_.finish();
  EXPECT_THAT(tree(), ElementsAre("b<-", "c<b"));
  EXPECT_EQ(sink_.conversations.back().messages[0].metadata.text, R"({"parent":"gone"})");
  EXPECT_EQ(sink_.notes().size(), 1U);
}

TEST_F(ParentsFirstTest, GivesUpEarlierWhenTooMuchIsHeld) {
  for (int i = 0; i < 20; ++i) add(std::to_string(i), i == 0 ? "gone" : std::to_string(i - 1));
  EXPECT_EQ(sink_.conversations.back().messages.size(), 20U);
}

TEST_F(ParentsFirstTest, OpensACircleAtOnePlace) {
  add("x", "c");
  add("a", "c");
  add("b", "a");
  add("c", "b");
  add("self", "self");
  messages_.finish();
  EXPECT_THAT(tree(), ElementsAre("a<-", "b<a", "c<b", "x<c", "self<-"));
}

TEST_F(ParentsFirstTest, LeavesACircleOfRecordsThatAreNoMessages) {
  messages_.pass_through("p", "q");
  messages_.pass_through("q", "p");
  add("a", "p");
  EXPECT_THAT(tree(), ElementsAre("a<-"));
}

TEST(ParentsFirst, HandsOverALongChainThatCameBackwards) {
  RecordingSink sink;
  sink.begin({.source = "test", .source_id = "1"});
  ParentsFirst messages(sink, "parent", std::size_t{1} << 30);
  constexpr int count = 50'000;
  for (int i = count; i >= 0; --i) {
    MessageDraft message;
    const std::string id = message.source_id = std::to_string(i);
    const auto parent = i == 0 ? std::nullopt : std::optional(std::to_string(i - 1));
    messages.add(id, parent, std::move(message), {"file", ""});
  }
  messages.finish();
  sink.end({});
  EXPECT_EQ(sink.message_count(), count + 1U);
  EXPECT_TRUE(sink.skips.empty());
}

}  // namespace
}  // namespace loci::transcript
