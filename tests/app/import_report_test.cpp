#include <gmock/gmock.h>

#include "app/loci.hpp"
#include "support/history_files.hpp"

/// What `loci import` says of the things it could not take over.
namespace loci::app {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using transcript::ScratchFolder;

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

constexpr const char* k_hello = R"({"messages":[{"role":"user","content":"Hello"}]})"
                                "\n";

TEST(ImportReport, NamesABrokenFileBehindAnyNumberOfNotes) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  (void)folder.write("a.jsonl", repeated(k_hello, 1501));  // 1,500 of them stand there twice
  (void)folder.write("b.json", R"([{"id":"c1","mapping":{"a":)");
  const ProgramEnd end = loci({"import", "--no-embed", folder.path().string()});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.err, ContainsRegex("b\\.json: .*cut off"));
  EXPECT_THAT(end.err, Not(HasSubstr("more; --json")));
}

TEST(ImportReport, SaysHowManyFaultsItDidNotPrint) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  for (int file = 0; file < 130; ++file) {
    (void)folder.write("broken-" + std::to_string(file) + ".json", R"([{"mapping":{"a":)");
  }
  const ProgramEnd end = loci({"import", "--no-embed", folder.path().string()});
  EXPECT_EQ(std::ranges::count(end.err, '\n'), 101);
  EXPECT_THAT(end.err, HasSubstr("... and 30 more; --json lists up to 1000"));
}

TEST(ImportReport, CountsEachBrokenRecordOfAFile) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  const auto file = folder.write("a.jsonl", k_hello + repeated("{\"messages\":[{]}\n", 90));
  const ProgramEnd end = loci({"import", "--no-embed", file.string()});
  EXPECT_THAT(end.err, HasSubstr("a.jsonl: 70 more broken records"));
  EXPECT_THAT(end.out, ContainsRegex("skipped +90 broken"));
}

TEST(ImportReport, SaysWhyRecordsWerePassedOverAndHowOften) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  (void)folder.write("a.jsonl", repeated(k_hello, 1501));
  for (int file = 0; file < 5; ++file) {
    (void)folder.write("log-" + std::to_string(file) + ".raw.txt",
                       "=== ann joined\n=== bob joined\n[10:00] <ann> Hello\n");
  }
  const ProgramEnd end = loci({"import", "--no-embed", folder.path().string()});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_EQ(end.err, "");
  EXPECT_THAT(end.out, ContainsRegex("skipped +0 broken +1,510 passed over"));
  EXPECT_THAT(
      end.out,
      ContainsRegex(" 1,500 a conversation stands there twice, first at [^ ]*a.jsonl: line 2\n"));
  EXPECT_THAT(end.out, ContainsRegex(" 10 a line of the system, not a message, in 5 files, first "
                                     "at [^ ]*log-0.raw.txt: line 1\n"));
}

TEST(ImportReport, GivesTheReasonsInJsonToo) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  const auto file = folder.write("a.jsonl", repeated(k_hello, 1501));
  const JsonDocument summary = json_of(loci({"import", "--no-embed", "--json", file.string()}));
  ASSERT_EQ(summary.root()["passed_over"].size(), 1U);
  const Json reason = *summary.root()["passed_over"].begin();
  EXPECT_EQ(reason["count"].integer(), 1500);
  EXPECT_EQ(reason["files"].integer(), 1);
  EXPECT_EQ(reason["place"].string(), "line 2");
}

// Each thing that can be wrong with a history, in a file of its own; `said` is the line it gets.
struct Wrong {
  const char* name;
  std::string text;
  const char* said;
};

std::vector<Wrong> everything_wrong() {
  return {
      {"torn.jsonl", k_hello + std::string(R"({"messages":[{"role":"us)"),
       "torn.jsonl: line 2: torn: the file ends inside this record"},
      {"truncated.json", R"([{"id":"c1","mapping":{"a":{"id":)",
       "truncated.json: conversation 1 \\(byte 1\\): the file is cut off inside this record"},
      {"empty.json", "", "empty.json: the file is empty"},
      {"other.json", R"({"colour":"red"})",
       "other.json: JSON, but no chat history of a known format"},
      {"text.jsonl", "Dear diary,\n", "text.jsonl: line 1: no chat history of a known format"},
      {"repeat.json",
       R"([{"uuid":"c","chat_messages":[{"uuid":"a","sender":"human","text":"x"},{"uuid":"a","sender":"human","text":"x"}]}])",
       "1 a message stands there twice, at [^ ]*repeat.json: conversation 1"},
      {"orphan.jsonl",
       R"({"type":"user","sessionId":"s","uuid":"u","parentUuid":"gone","message":{"role":"user","content":"x"}})"
       "\n",
       "1 the parent is not in the file; taken without one, at [^ ]*orphan.jsonl: line 1"},
      {"nul.json", R"({"messages":[{"role":"user","content":"a\u0000b"}]})",
       "NUL or a lone surrogate in a message; [a-z ]+, at [^ ]*nul.json: line 1"},
      {"surrogate.json", R"({"conversations":[{"from":"human","value":"\ud800"}]})",
       "NUL or a lone surrogate in a message; [a-z ]+, at [^ ]*surrogate.json: line 1"},
  };
}

TEST(ImportReport, GivesEachWrongThingOneLineAndTakesTheRest) {
  const LociOnDatabase loci;
  const ScratchFolder folder;
  Words words{"import", "--no-embed"};
  for (const Wrong& wrong : everything_wrong()) {
    words.push_back(folder.write(wrong.name, wrong.text).string());
  }
  const std::string large(10'000'000, 'x');
  words.push_back(
      folder.write("large.json", R"({"messages":[{"role":"user","content":")" + large + "\"}]}")
          .string());
  const ProgramEnd end = loci(words);
  EXPECT_EQ(end.code, 3);
  const std::string said = end.err + end.out;
  for (const Wrong& wrong : everything_wrong()) {
    EXPECT_THAT(said, ContainsRegex(wrong.said));
    std::size_t lines = 0;
    for (std::size_t at = 0;
         (at = said.find(std::string("/") + wrong.name + ":", at)) != std::string::npos; ++at) {
      ++lines;
    }
    EXPECT_EQ(lines, 1U) << wrong.name << " in\n" << said;
  }
  EXPECT_THAT(end.out, ContainsRegex("skipped +5 broken +4 passed over"));
  EXPECT_EQ(loci.value("select count(*) from messages"), "6") << "the rest goes on";
  EXPECT_EQ(loci.value("select max(length(content)) from messages"), "10000000");
  EXPECT_EQ(test::damage(loci.admin_dsn()), "");
}

}  // namespace
}  // namespace loci::app
