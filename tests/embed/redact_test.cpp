#include "embed/redact.hpp"

#include <loci/base/text.hpp>

#include <gmock/gmock.h>

namespace loci::embed {
namespace {

std::string redacted(std::string_view message, std::vector<std::string_view> texts = {}) {
  return redact(message, "sk-key-123", texts);
}

TEST(Redact, HidesTheKeyWhereverItStands) {
  EXPECT_EQ(redacted("sk-key-123 is bad: xsk-key-123x"), "[...] is bad: x[...]x");
}

TEST(Redact, HidesPiecesOfLongTexts) {
  EXPECT_EQ(redacted("cannot embed 'the quick brown f'...", {"see the quick brown fox jump"}),
            "cannot embed '[...]'...");
}

TEST(Redact, HidesShortTextsAsWholeWordsOnly) {
  EXPECT_EQ(redacted("pin 77 in model7700 (77)", {"77"}), "pin [...] in model7700 ([...])");
}

TEST(Redact, IsNotMisledByBlankAndEmptyTexts) {
  EXPECT_EQ(redacted("a b", {"", " "}), "a b");
}

TEST(Redact, GivesOneShortLineOfWholeCharacters) {
  std::string message = "first\nsecond\r\x1b[31m";
  for (int i = 0; i < 300; ++i) message += "\u00e9";
  const std::string line = redacted(message);
  EXPECT_TRUE(line.starts_with("first second  [31m"));
  EXPECT_LE(line.size(), 200U);
  EXPECT_TRUE(is_storable(line));
}

}  // namespace
}  // namespace loci::embed
