#include "transcript/skip_tally.hpp"

#include <gtest/gtest.h>
#include <algorithm>

namespace loci::transcript {
namespace {

Skip skip(Skip::Severity severity, const std::string& reason) {
  return {.severity = severity, .file = "a.json", .place = "line 1", .reason = reason};
}

TEST(SkipTally, KeepsAFaultHoweverManyNotesCameBefore) {
  ImportSummary summary;
  SkipTally tally(summary);
  for (int i = 0; i < 21'708; ++i) tally.add(skip(Skip::Severity::note, "an action"));
  tally.add(skip(Skip::Severity::fault, "torn"));
  EXPECT_EQ(summary.notes, 21'708U);
  EXPECT_EQ(summary.faults, 1U);
  EXPECT_EQ(summary.skips.size(), ImportSummary::most_skips + 1);
  EXPECT_EQ(summary.skips.back().reason, "torn");
}

TEST(SkipTally, KeepsTheFirstOfEachKind) {
  ImportSummary summary;
  SkipTally tally(summary);
  for (std::size_t i = 0; i < ImportSummary::most_skips + 7; ++i) {
    tally.add(skip(Skip::Severity::fault, std::to_string(i)));
  }
  EXPECT_EQ(summary.faults, ImportSummary::most_skips + 7);
  EXPECT_EQ(summary.skips.size(), ImportSummary::most_skips);
  EXPECT_EQ(summary.skips.front().reason, "0");
}

TEST(SkipTally, CountsTheRecordsThatOneLineStandsFor) {
  ImportSummary summary;
  SkipTally tally(summary);
  Skip many = skip(Skip::Severity::fault, "80 more broken records");
  many.count = 80;
  tally.add(many);
  EXPECT_EQ(summary.faults, 80U);
}

TEST(SkipTally, CountsNotesByTheirReasonAndNamesTheFirstFiles) {
  ImportSummary summary;
  SkipTally tally(summary);
  for (const char* file : {"a", "a", "b", "c", "d", "d"}) {
    tally.add({.severity = Skip::Severity::note, .file = file, .place = "x", .reason = "repeat"});
    tally.add({.severity = Skip::Severity::note, .file = "a", .place = "y", .reason = "action"});
  }
  ASSERT_EQ(summary.passed_over.size(), 2U);
  const PassedOver& repeats = summary.passed_over[0];
  EXPECT_EQ(repeats.count, 6U);
  EXPECT_EQ(repeats.files, 4U);
  ASSERT_EQ(repeats.first_files.size(), 3U);
  EXPECT_EQ(repeats.first_files[0].count, 2U);
  EXPECT_EQ(repeats.first_files[2].file, "c");
  EXPECT_EQ(repeats.first_files[2].count, 1U);
  EXPECT_EQ(summary.passed_over[1].count, 6U);
  EXPECT_EQ(summary.passed_over[1].first_files.at(0).place, "y");
}

}  // namespace
}  // namespace loci::transcript
