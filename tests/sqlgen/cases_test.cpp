#include <gmock/gmock.h>
#include <iostream>
#include <map>

#include "sqlgen/corpus.hpp"

/// The corpus: what sqlgen says of each query, and what the server gives when it is run on rows
/// with NULLs placed.
namespace loci::sqlgen::harness {
namespace {

using testing::IsEmpty;

const fs::path& root() {
  static const fs::path path = fs::path(LOCI_SOURCE_DIR) / "tests/sqlgen/cases";
  return path;
}

std::vector<std::string> folders() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(root())) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

/// Each folder is run once, whoever asks first.
const Verdict& verdict_of(const std::string& folder) {
  static std::map<std::string, Verdict> known;
  const auto found = known.find(folder);
  if (found != known.end()) return found->second;
  return known[folder] = std::move(CaseFolder(root() / folder).verdict());
}

class Cases : public testing::TestWithParam<std::string> {};

TEST_P(Cases, AreToldAsTheyAre) {
  const Verdict& verdict = verdict_of(GetParam());
  EXPECT_THAT(verdict.faults, IsEmpty());
  EXPECT_THAT(verdict.wrong, IsEmpty()) << "never NULL is promised wrongly";
  EXPECT_GT(verdict.cases, 0);
}

INSTANTIATE_TEST_SUITE_P(Of, Cases, testing::ValuesIn(folders()),
                         [](const auto& folder) { return folder.param; });

TEST(Corpus, IsLargeAndNearlyExact) {
  int cases = 0;
  int columns = 0;
  std::vector<std::string> imprecise;
  std::vector<std::string> unproven;
  for (const std::string& folder : folders()) {
    const Verdict& verdict = verdict_of(folder);
    cases += verdict.cases;
    columns += verdict.columns;
    for (const std::string& column : verdict.imprecise) imprecise.push_back(folder + "/" + column);
    for (const std::string& column : verdict.unproven) unproven.push_back(folder + "/" + column);
  }
  const double exact = 100.0 * (columns - static_cast<double>(imprecise.size())) / columns;
  std::cout << cases << " cases, " << columns << " columns, " << exact << "% exact.\n"
            << "Called nullable, and never NULL: " << testing::PrintToString(imprecise) << '\n'
            << "Expected to be NULL, and in no run: " << testing::PrintToString(unproven) << '\n';
  EXPECT_GE(cases, 150);
  EXPECT_GE(exact, 97.0);
}

}  // namespace
}  // namespace loci::sqlgen::harness
