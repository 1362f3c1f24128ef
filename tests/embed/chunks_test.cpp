#include <loci/base/error.hpp>
#include <loci/base/text.hpp>
#include <loci/embed/chunks.hpp>

#include <gmock/gmock.h>

#include <random>

namespace loci::embed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr ChunkOptions small{.max_bytes = 40, .overlap_bytes = 0};

TEST(SplitText, GivesNothingForABlankText) {
  EXPECT_THAT(split_text(""), IsEmpty());
  EXPECT_THAT(split_text(" \n\t\u00a0\u3000"), IsEmpty());
}

TEST(SplitText, KeepsWhatFitsInOnePieceWithoutItsMargins) {
  EXPECT_THAT(split_text("\n one. two.\n\nthree \n"), ElementsAre("one. two.\n\nthree"));
}

TEST(SplitText, CutsAtAParagraphFirst) {
  EXPECT_THAT(split_text("First part of the text.\n\nSecond. And its longer end.", small),
              ElementsAre("First part of the text.", "Second. And its longer end."));
}

TEST(SplitText, CutsAtASentenceNext) {
  EXPECT_THAT(split_text("It has a first sentence. And then the second one follows.", small),
              ElementsAre("It has a first sentence.", "And then the second one follows."));
}

TEST(SplitText, CutsBetweenWordsElse) {
  EXPECT_THAT(split_text("many words without any stop at all are found in here", small),
              ElementsAre("many words without any stop at all are", "found in here"));
}

TEST(SplitText, CutsBetweenCharactersAtLast) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "\u00e9";
  EXPECT_THAT(split_text(text, {.max_bytes = 41, .overlap_bytes = 0}),
              ElementsAre(text.substr(0, 40), text.substr(40)));
}

TEST(SplitText, RepeatsWholeWordsOfThePieceBefore) {
  EXPECT_THAT(split_text("many words without any stop at all are found in here",
                         {.max_bytes = 40, .overlap_bytes = 12}),
              ElementsAre("many words without any stop at all are", "at all are found in here"));
}

TEST(SplitText, StopsAtTheMostPieces) {
  const std::string text(100'000, 'x');
  EXPECT_THAT(split_text(text, {.max_chunks = 3}), testing::SizeIs(3));
}

TEST(SplitText, RefusesOptionsThatCannotWork) {
  EXPECT_THROW((void)split_text("x", {.max_bytes = 15, .overlap_bytes = 0}), Error);
  EXPECT_THROW((void)split_text("x", {.max_bytes = 100, .overlap_bytes = 51}), Error);
  EXPECT_THROW((void)split_text("x", {.max_chunks = 0}), Error);
}

// Texts of words, stops, line breaks and characters of every length; sometimes of any bytes.
std::string random_text(std::mt19937& random) {
  static constexpr const char* parts[] = {
      "a", "word", " ", " ", ". ", "\n", "\n\n", "?", "\u00e9", "\u4e2d\u3002", "\U0001f600"};
  const bool wild = random() % 4 == 0;
  std::string text;
  for (std::size_t n = random() % 400; n > 0; --n) {
    if (wild && random() % 2 == 0) {
      text.push_back(static_cast<char>(random()));
    } else {
      text += parts[random() % std::size(parts)];
    }
  }
  return text;
}

TEST(SplitText, KeepsItsPromisesOnRandomTexts) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = random_text(random);
    const std::size_t max = 16 + random() % 100;
    const std::size_t overlap = random() % (max / 2 + 1);
    const auto pieces =
        split_text(text, {.max_bytes = max, .overlap_bytes = overlap, .max_chunks = 100'000});
    const char* covered = text.data();
    const char* last = nullptr;
    for (const auto piece : pieces) {
      ASSERT_FALSE(piece.empty());
      ASSERT_LE(piece.size(), max);
      ASSERT_GT(piece.data(), last);
      last = piece.data();
      if (is_storable(text)) {
        ASSERT_TRUE(is_storable(piece));
      }
      if (piece.data() > covered) {  // only white space may be left out
        ASSERT_THAT(split_text({covered, piece.data()}), IsEmpty());
      } else {
        ASSERT_LE(covered - piece.data(), static_cast<std::ptrdiff_t>(overlap));
      }
      ASSERT_GT(piece.data() + piece.size(), covered);
      covered = piece.data() + piece.size();
    }
    ASSERT_THAT(split_text({covered, text.data() + text.size()}), IsEmpty());
  }
}

}  // namespace
}  // namespace loci::embed
