// Files that want to hurt: whatever stands in them, they are read or refused, in little time and
// memory, and every fault has a place in the file.
#include <random>

#include "config/settings_fixture.hpp"
#include "config/yaml_entries.hpp"

namespace loci::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(SettingsFile, DeepNestingIsRefused) {
  std::string block;
  for (int i = 0; i < 300; ++i) block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  std::string dashes;
  for (int i = 0; i < 20'000; ++i) dashes += "- ";
  for (const std::string& yaml :
       {"storage: " + std::string(30'000, '['), "storage: " + std::string(30'000, '{'),
        std::string(20'000, '-') + " ", std::string(20'000, '?'), block, dashes,
        "a: " + std::string(9, '[') + std::string(9, ']')}) {
    EXPECT_THAT(faults(yaml), Not(IsEmpty())) << yaml.substr(0, 100);
  }
  EXPECT_THAT(faults("a: {b: {c: {d: {e: {f: {g: {h: 1}}}}}}}"),
              testing::ElementsAre(HasSubstr("no such setting")));
  EXPECT_THAT(faults("a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}"),
              testing::Contains(HasSubstr("nested too deeply")));
}

TEST_F(SettingsFile, AnchorsAndAliasesAreRefused) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'z'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += (i == 0 ? "*" : ",*") + before;
    bomb += "]\n";
  }
  const auto told = faults(bomb);
  EXPECT_THAT(told, testing::Contains(HasSubstr("no anchors")));
  EXPECT_THAT(told, testing::Contains(HasSubstr("no aliases")));
  EXPECT_LE(told.size(), 100U);
  EXPECT_THAT(faults("storage: &s {postgres: {}}\n"),
              testing::ElementsAre("1:10: a settings file has no anchors"));
  EXPECT_THAT(faults("embedder: {model: &n x, url: *n}"), testing::SizeIs(2));
  EXPECT_THAT(faults("? &k embedder\n: {}"), testing::SizeIs(1));
  EXPECT_THAT(faults("embedder: *nowhere"), testing::SizeIs(1));
}

TEST_F(SettingsFile, TagsAreRefused) {
  for (const char* yaml : {"embedder: !!map {}", "embedder: {model: !!binary aGk=}",
                           "embedder: {model: !mine x}", "embedder: !<tag:x> {}"}) {
    EXPECT_THAT(faults(yaml), testing::ElementsAre(HasSubstr("no tags"))) << yaml;
  }
}

TEST_F(SettingsFile, KeysAreWords) {
  for (const char* yaml :
       {"? {a: b}\n: c", "? [a]\n: b", "~: b", "'': b", "embedder:\n  ? [model]\n  : x"}) {
    EXPECT_THAT(faults(yaml), testing::ElementsAre(HasSubstr("a key is a plain word"))) << yaml;
  }
}

TEST_F(SettingsFile, AFileThatIsTooLargeIsRefused) {
  EXPECT_THAT(refusal(std::string(70'000, '#')), HasSubstr("64 kB"));
  EXPECT_THAT(refusal("embedder: {model: '" + std::string(65'600, 'x') + "'}"), HasSubstr("64 kB"));
}

TEST_F(SettingsFile, AHugeValueIsAValue) {
  const std::string large(60'000, 'x');
  EXPECT_EQ(load("embedder: {model: '" + large + "'}").embedder.openai.model, large);
  EXPECT_THAT(refusal("storage: {postgres: {max_connections: " + std::string(60'000, '9') + "}}"),
              HasSubstr("whole number"));
}

TEST_F(SettingsFile, ManyUnknownKeysAreToldUpToAHundred) {
  std::string yaml;
  for (int i = 0; i < 9000; ++i) yaml += "k" + std::to_string(i) + ":\n";
  EXPECT_EQ(faults(yaml).size(), 100U);
}

TEST_F(SettingsFile, LineEndsAndTabsAndMarksOfOtherSystems) {
  EXPECT_EQ(load("embedder:\r\n  model: a\r\n  url: b\r\n").embedder.openai.model, "a");
  EXPECT_EQ(load("\xef\xbb\xbf"
                 "embedder: {model: a}")
                .embedder.openai.model,
            "a");
  EXPECT_EQ(load("embedder: {model:\ta}\t# tabs between words\n").embedder.openai.model, "a");
  EXPECT_THAT(faults("embedder:\n\tmodel: a\n"), Not(IsEmpty()));
  EXPECT_EQ(load("embedder:\n  model: |\n    a\n").embedder.openai.model, "a\n");
}

TEST_F(SettingsFile, BytesThatAreNoTextAreRefused) {
  for (const std::string& yaml :
       {std::string("\xff\xfe\xff\xff"), std::string("embedder: {model: \"\\0\"}"),
        std::string("embedder: {model: \"a\0b\"}", 24), std::string(1000, '\0'),
        std::string("\x7f"
                    "ELF\x02\x01\x01\0\0\0",
                    10)}) {
    EXPECT_THAT(faults(yaml), Not(IsEmpty())) << testing::PrintToString(yaml);
  }
}

// Every fault lies in the file: lines from 1 to one past its last.
void expect_places(const std::string& yaml) {
  const auto lines = std::ranges::count(yaml, '\n') + std::ranges::count(yaml, '\r') + 2;
  const YamlEntries read = read_yaml_entries(yaml);
  for (const YamlFault& fault : read.faults) {
    ASSERT_FALSE(fault.text.empty());
    ASSERT_GE(fault.place.line, 0);
    ASSERT_LE(fault.place.line, lines) << testing::PrintToString(yaml);
  }
  for (const YamlEntry& entry : read.entries) {
    ASSERT_FALSE(entry.path.empty());
    ASSERT_GE(entry.key.line, 1);
    if (entry.kind == YamlEntry::Kind::scalar) {
      ASSERT_EQ(entry.values.size(), 1U);
    }
  }
}

TEST(YamlEntries, AnythingMadeOfAGoodFileIsReadOrRefused) {
  const std::string good =
      "# a file\nstorage:\n  postgres: {max_connections: 12, lock_timeout: \"5s\"}\n"
      "  cache:\n    invalidation:\n      patterns: [a, 'b', \"c\"]\n    l1:\n      size: 3MB\n"
      "embedder:\n  model: |\n    text\n  url: >-\n    folded\n";
  const std::string bits = "{}[]:,-?!&*|>%@`'\"#\n\r\t \\~<$.0az\xc3\xbc\xff";
  std::mt19937 random(4711);
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string yaml = good;
    for (std::size_t changes = below(6) + 1; changes > 0; --changes) {
      const std::size_t at = below(yaml.size());
      switch (below(4)) {
        case 0:
          yaml[at] = bits[below(bits.size())];
          break;
        case 1:
          yaml.insert(at, 1, bits[below(bits.size())]);
          break;
        case 2:
          yaml.erase(at, below(8) + 1);
          break;
        default:
          yaml.insert(at, yaml.substr(below(yaml.size()), below(30)));
          break;
      }
      if (yaml.empty()) yaml = "x";
    }
    ASSERT_NO_FATAL_FAILURE(expect_places(yaml)) << testing::PrintToString(yaml);
  }
}

}  // namespace
}  // namespace loci::config
