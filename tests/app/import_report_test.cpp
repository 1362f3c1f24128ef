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

}  // namespace
}  // namespace loci::app
