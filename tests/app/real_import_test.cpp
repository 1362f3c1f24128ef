#include <gtest/gtest.h>
#include <cctype>
#include <fstream>
#include <set>

#include "app/loci.hpp"
#include "support/history_files.hpp"

/// `loci import oasst import_fixtures irc`, on the real data beside the checkout.
namespace loci::app {
namespace {

namespace fs = std::filesystem;
using transcript::shared_data;

// Whether a line is "[12:34] <somebody> ...".
bool is_said(const std::string& line) {
  const auto digit = [&](std::size_t at) {
    return std::isdigit(static_cast<unsigned char>(line[at])) != 0;
  };
  return line.size() > 8 && line[0] == '[' && digit(1) && digit(2) && line[3] == ':' && digit(4) &&
         digit(5) && line.compare(6, 3, "] <") == 0 && line.find('>') != std::string::npos;
}

// Messages of a log that answer an earlier one, counted from its two files alone.
std::size_t answers_in(const fs::path& raw) {
  std::vector<bool> said;
  std::ifstream log(raw, std::ios::binary);
  for (std::string line; std::getline(log, line);) said.push_back(is_said(line));
  std::string stem = raw.filename().string();
  stem.resize(stem.size() - std::string(".raw.txt").size());
  std::set<std::size_t> answers;
  std::ifstream links(raw.parent_path() / (stem + ".annotation.txt"));
  for (std::string line; std::getline(links, line);) {
    std::size_t one = 0;
    std::size_t other = 0;
    if (std::sscanf(line.c_str(), "%zu %zu", &one, &other) != 2 || one == other) continue;
    if (said.at(one) && said.at(other)) answers.insert(std::max(one, other));
  }
  return answers.size();
}

std::size_t answers_in_folder(const fs::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().string().ends_with(".raw.txt")) count += answers_in(entry.path());
  }
  return count;
}

std::string parents(const LociOnDatabase& loci, const std::string& source) {
  return loci.value(
      "select count(m.parent_id) from messages m join conversations c on c.id = m.conversation_id "
      "where c.source = '" +
      source + "'");
}

TEST(RealImport, TakesAllThreeDataSetsAtOnceAndNothingTheSecondTime) {
  if (!fs::exists(shared_data("irc"))) GTEST_SKIP() << "no real data beside the checkout";
  const LociOnDatabase loci;
  const Words words{"import",
                    "--no-embed",
                    "--json",
                    shared_data("oasst"),
                    shared_data("import_fixtures"),
                    shared_data("irc")};
  const ProgramEnd first = loci(words);
  EXPECT_EQ(first.code, 3) << "the fixtures have faults\n" << first.err;
  const JsonDocument summary = json_of(first);
  EXPECT_EQ(summary.root()["faults"].integer(), 6);
  EXPECT_EQ(summary.root()["new_conversations"].integer(), 100 + 74 + 9 + 80);
  EXPECT_EQ(summary.root()["new_messages"].integer(), 1167 + 444 + 57 + 97'494);

  EXPECT_EQ(parents(loci, "oasst"), "1067") << "all but the roots of 100 trees";
  EXPECT_EQ(parents(loci, "oasst-seed"), "370") << "all but the roots of 74 trees";
  EXPECT_EQ(parents(loci, "irc"), std::to_string(answers_in_folder(shared_data("irc"))));
  EXPECT_EQ(test::damage(loci.admin_dsn()), "");

  const ProgramEnd second = loci(words);
  EXPECT_EQ(second.code, 3);
  const JsonDocument again = json_of(second);
  EXPECT_EQ(again.root()["new_conversations"].integer(), 0);
  EXPECT_EQ(again.root()["new_messages"].integer(), 0);
  EXPECT_EQ(again.root()["faults"].integer(), 6);
  EXPECT_EQ(loci.value("select count(*) from messages"), std::to_string(1167 + 444 + 57 + 97'494));
  EXPECT_EQ(test::damage(loci.admin_dsn()), "");
}

}  // namespace
}  // namespace loci::app
