#include "support/history_files.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

namespace loci::transcript {
namespace {

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Breaks a text in one of the ways that disks, editors and attackers do.
std::string mutated(std::string text, std::mt19937& random) {
  const auto at = [&] { return random() % (text.size() + 1); };
  static constexpr std::array<std::string_view, 10> inserts{"\"", "{",  "}",    "[",       "]",
                                                            "\\", "\n", "\xff", "\\u0000", "null"};
  const auto changes = random() % 4 + 1;
  for (std::size_t i = 0; i < changes && !text.empty(); ++i) {
    switch (random() % 5) {
      case 0:
        text.resize(at());
        break;
      case 1:
        text.insert(at(), inserts[random() % inserts.size()]);
        break;
      case 2:
        text[random() % text.size()] = static_cast<char>(random());
        break;
      case 3:
        text.erase(at(), random() % 40);
        break;
      default:
        text.insert(at(), text.substr(at(), random() % 200));
        break;
    }
  }
  return text;
}

constexpr std::array<std::string_view, 4> own_histories{
    R"([{"id":"c1","title":"T","create_time":1704067200.5,"current_node":"c","mapping":{"r":{"parent":null,"children":["a"]},"a":{"parent":"r","children":["b","c"],"message":{"author":{"role":"user"},"create_time":1,"content":{"content_type":"text","parts":["hi"]}}},"b":{"parent":"a","children":[],"message":{"author":{"role":"assistant"},"recipient":"python","content":{"content_type":"code","text":"1+1"}}},"c":{"parent":"b","children":[],"message":{"author":{"role":"tool"},"content":{"content_type":"execution_output","text":"2"}}}}}])",
    R"([{"uuid":"c1","name":"N","current_leaf_message_uuid":"b","chat_messages":[{"uuid":"a","sender":"human","text":"x","attachments":[{"extracted_content":"y"}],"parent_message_uuid":"00000000-0000-4000-8000-000000000000"},{"uuid":"b","sender":"assistant","parent_message_uuid":"a","content":[{"type":"tool_use","id":"t","name":"n","input":{}},{"type":"tool_result","tool_use_id":"t"},{"type":"text","text":"z"}]}]}])",
    "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"},{\"role\":\"assistant\",\"tool_"
    "calls\":[{\"id\":"
    "\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_"
    "id\":\"c\","
    "\"content\":[{\"type\":\"text\",\"text\":\"t\"}]}]}\n[{\"role\":\"user\",\"content\":"
    "\"again\"}]\n",
    "{\"id\":\"1\",\"conversations\":[{\"from\":\"human\",\"value\":\"A\"},{\"from\":\"function_"
    "call\",\"value\":"
    "\"{\\\"name\\\":\\\"f\\\"}\"},{\"from\":\"observation\",\"value\":\"B\"}]}\n",
};

// The recording sink fails the test when the order of calls or a draft is wrong.
void read_broken(const std::string& text, Format format, const ScratchFolder& folder) {
  RecordingSink sink;
  EXPECT_NO_THROW(read_history(folder.write("broken.json", text), {.format = format}, sink));
  EXPECT_EQ(sink.bytes, text.size());
}

void fuzz(std::string_view original, std::uint32_t seed, int rounds, const ScratchFolder& folder) {
  std::mt19937 random(seed);
  for (int i = 0; i < rounds && !testing::Test::HasFailure(); ++i) {
    const auto format = static_cast<Format>(random() % 7);  // automatic, or forced and mostly wrong
    const std::string text = mutated(std::string(original), random);
    SCOPED_TRACE("seed " + std::to_string(seed) + " round " + std::to_string(i));
    read_broken(text, random() % 2 == 0 ? Format::automatic : format, folder);
  }
}

TEST(HostileInput, NeverBreaksTheContractOfTheSink) {
  const ScratchFolder folder;
  std::uint32_t seed = 1;
  for (const std::string_view history : own_histories) fuzz(history, seed++, 500, folder);
}

TEST(HostileInput, OfRealExportsNeverBreaksTheContractOfTheSink) {
  const auto exports = shared_data("import_fixtures");
  if (!std::filesystem::exists(exports)) GTEST_SKIP() << "no " << exports;
  const ScratchFolder folder;
  std::uint32_t seed = 100;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(exports)) files.insert(entry.path());
  for (const auto& file : files) fuzz(contents(file), seed++, 100, folder);
}

TEST(HostileInput, DeepNestingIsRefused) {
  const ScratchFolder folder;
  for (const char bracket : {'[', '{'})
    read_broken(std::string(1 << 20, bracket), Format::automatic, folder);
  std::string pairs;
  for (int i = 0; i < 100000; ++i) pairs += "{\"mapping\":";
  read_broken(pairs, Format::chatgpt, folder);
}

TEST(HostileInput, EachCutOfAFileGivesWholeConversationsOnly) {
  const ScratchFolder folder;
  for (const std::string_view history : own_histories) {
    for (std::size_t size = 0; size < history.size(); size += 3) {
      read_broken(std::string(history.substr(0, size)), Format::automatic, folder);
    }
  }
}

}  // namespace
}  // namespace loci::transcript
