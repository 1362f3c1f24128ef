#include <gtest/gtest.h>
#include <cstdio>
#include <fstream>
#include <set>

#include "app/loci.hpp"
#include "support/effort.hpp"
#include "support/history_files.hpp"

/// How many of the questions about the sample history `loci search` answers among its first ten.
/// bench/README.md keeps the figures that these tests print.
namespace loci::app {
namespace {

struct Question {
  std::string query;
  std::set<std::string> relevant;  // source ids of messages
  bool exact_phrase = false;
};

std::vector<Question> questions() {
  std::vector<Question> all;
  std::ifstream in(examples() + "/questions.jsonl");
  for (std::string line; std::getline(in, line);) {
    const JsonDocument document = JsonDocument::parse(line);
    Question& question = all.emplace_back();
    question.query = document.root()["query"].string_or("");
    question.exact_phrase = document.root()["exact_phrase"].boolean().value_or(false);
    for (const Json id : document.root()["relevant"]) question.relevant.insert(id.string_or(""));
  }
  return all;
}

struct Recall {
  int hits = 0;       // questions with a relevant message among the first ten
  int hard_hits = 0;  // of them, those that share no phrase with what answers them
  double mean = 0;    // share of the relevant messages found, averaged
};

Recall measure(const LociOnDatabase& loci, const Words& options) {
  const std::vector<Question> all = questions();
  Recall recall;
  for (const Question& question : all) {
    Words words{"search", "--json", "--limit", "10"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(question.query);
    const JsonDocument answer = json_of(loci(words));
    std::size_t found = 0;
    for (const Json hit : answer.root()["hits"]) {
      found += question.relevant.count(hit["source_id"].string_or(""));
    }
    recall.mean += static_cast<double>(found) / static_cast<double>(question.relevant.size());
    if (found > 0) ++recall.hits;
    if (found > 0 && !question.exact_phrase) ++recall.hard_hits;
  }
  recall.mean /= static_cast<double>(all.size());
  return recall;
}

void report(const char* where, const Recall& recall) {
  std::printf("%s: hit@10 %d of 25 (%d of 13 without a shared phrase), mean recall@10 %.3f\n",
              where, recall.hits, recall.hard_hits, recall.mean);
}

TEST(Recall, FindsTheAnswersInTheSampleHistory) {
  const LociOnDatabase loci;
  ASSERT_EQ(questions().size(), 25U);
  ASSERT_EQ(loci({"import", "-q", "--user", "sam", examples()}).code, 0);
  const Recall recall = measure(loci, {"--user", "sam"});
  report("sample history alone", recall);
  EXPECT_GE(recall.hits, 23);
  EXPECT_GE(recall.mean, 0.85);
}

// The same questions with a hundred thousand messages of others beside them: found by a filter, and
// in competition with all of them.
TEST(Recall, FindsThemBesideAHundredThousandMessagesOfOthers) {
  const std::vector<std::string> others{transcript::shared_data("irc"),
                                        transcript::shared_data("oasst"),
                                        transcript::shared_data("import_fixtures")};
  if (!std::filesystem::exists(others.front())) {
    GTEST_SKIP() << "no real data beside the checkout";
  }
  if (!test::in_full()) GTEST_SKIP() << "takes minutes: ./dev test --long";
  const LociOnDatabase loci;
  ASSERT_EQ(loci({"import", "-q", "--user", "sam", examples()}).code, 0);
  Words import{"import", "-q"};
  import.insert(import.end(), others.begin(), others.end());
  ASSERT_EQ(loci(import).code, 3) << "the fixtures have faults";

  const Recall filtered = measure(loci, {"--user", "sam"});
  report("beside irc, oasst and fixtures, by --user", filtered);
  EXPECT_GE(filtered.hits, 23);
  EXPECT_GE(filtered.mean, 0.85);

  const Recall competing = measure(loci, {});
  report("against irc, oasst and fixtures", competing);
  EXPECT_GE(competing.mean, 0.5);
}

}  // namespace
}  // namespace loci::app
