#include "storage/context.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace loci::storage {
namespace {

// A branch, oldest first. `results` of a message: the places of the messages whose calls it
// answers; -1 is one that was cut off.
struct Spoken {
  std::string_view role;
  std::vector<int> results = {};
};

std::size_t begin_of(const std::vector<Spoken>& spoken) {
  std::vector<ContextMessage> branch(spoken.size());
  for (ContextMessage& each : branch) each.message.id = Uuid::v7();
  for (std::size_t i = 0; i < spoken.size(); ++i) {
    branch[i].message.role = spoken[i].role;
    for (const int place : spoken[i].results) {
      branch[i].caller_ids.push_back(
          place < 0 ? Uuid::v7() : branch[static_cast<std::size_t>(place)].message.id);
    }
  }
  return context_begin(branch);
}

TEST(ContextBegin, IsTheFirstMessageWhenNoCallIsCutOff) {
  EXPECT_EQ(begin_of({}), 0U);
  EXPECT_EQ(begin_of({{"user"}, {"assistant"}}), 0U);
  EXPECT_EQ(begin_of({{"user"}, {"assistant"}, {"tool", {1}}, {"assistant"}}), 0U);
}

TEST(ContextBegin, PassesOverResultsWhoseCallIsCutOff) {
  EXPECT_EQ(begin_of({{"tool", {-1}}, {"assistant"}}), 1U);
  EXPECT_EQ(begin_of({{"user", {-1}}, {"assistant"}}), 1U) << "whatever its role";
  EXPECT_EQ(begin_of({{"assistant"}, {"user"}, {"tool", {-1}}, {"assistant"}}), 3U)
      << "with all that stands before it";
}

TEST(ContextBegin, PassesOverToolMessagesOfWhichNothingIsKnown) {
  EXPECT_EQ(begin_of({{"tool"}, {"tool"}, {"assistant"}, {"tool"}}), 2U);
}

TEST(ContextBegin, DoesNotFallIntoAnotherPair) {
  // The call of the second pair stands before the result of the first.
  EXPECT_EQ(begin_of({{"assistant"}, {"tool", {-1}}, {"tool", {0}}, {"user"}}), 3U);
}

TEST(ContextBegin, AResultOfSeveralCallsNeedsThemAll) {
  EXPECT_EQ(begin_of({{"assistant"}, {"user", {0, -1}}, {"assistant"}}), 2U);
  EXPECT_EQ(begin_of({{"assistant"}, {"assistant"}, {"user", {0, 1}}}), 0U);
}

TEST(ContextBegin, IsTheEndWhenNothingWillDo) {
  EXPECT_EQ(begin_of({{"assistant"}, {"tool", {-1}}}), 2U);
  EXPECT_EQ(begin_of({{"tool"}}), 1U);
}

}  // namespace
}  // namespace loci::storage
