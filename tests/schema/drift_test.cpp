#include "schema/drift.hpp"

#include <loci/base/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loci::schema {
namespace {

using State = MigrationStatus::State;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::vector<Migration> k_files = {
    {.version = 1, .name = "one", .up = "", .down = "", .checksum = "c1"},
    {.version = 2, .name = "two", .up = "", .down = "", .checksum = "c2"},
    {.version = 4, .name = "four", .up = "", .down = "", .checksum = "c4"},
    {.version = 0, .name = "view", .up = "", .down = "", .checksum = "cv"}};

AppliedMigration row(std::int64_t version, std::string name, std::string checksum) {
  return {.version = version, .name = std::move(name), .checksum = std::move(checksum)};
}

std::vector<State> states(const std::vector<AppliedMigration>& applied) {
  std::vector<State> found;
  for (const MigrationStatus& status : compare(k_files, applied)) found.push_back(status.state);
  return found;
}

TEST(Drift, EachStateIsTold) {
  EXPECT_THAT(states({}),
              ElementsAre(State::pending, State::pending, State::pending, State::pending));
  EXPECT_THAT(states({row(1, "one", "c1"), row(-1, "view", "cv")}),
              ElementsAre(State::applied, State::pending, State::pending, State::applied));
  EXPECT_THAT(states({row(1, "one", "other"), row(4, "four", "c4"), row(-1, "view", "old")}),
              ElementsAre(State::changed, State::late, State::applied, State::outdated));
  EXPECT_THAT(states({row(1, "core", "other"), row(2, "renamed", "c2")}),
              ElementsAre(State::foreign, State::applied, State::pending, State::pending));
  EXPECT_THAT(states({row(3, "three", "c3"), row(9, "nine", "c9")}),
              ElementsAre(State::late, State::late, State::missing, State::late, State::foreign,
                          State::pending));
}

TEST(Drift, WhatIsHalfDoneIsPartialWhateverItsChecksum) {
  AppliedMigration up = row(1, "one", "prefix");
  up.done = 1;
  up.total = 3;
  AppliedMigration down = row(2, "two", "c2");
  down.undone = 0;
  EXPECT_THAT(states({up, down}),
              ElementsAre(State::partial, State::partial, State::pending, State::pending));
  EXPECT_NO_THROW(refuse_drift(compare(k_files, std::vector{up, down}), false));
  up.name = "another";
  EXPECT_EQ(states({up})[0], State::foreign) << "begun by another program";
}

TEST(Drift, TheReportNamesEachAndItsRemedy) {
  const std::vector<AppliedMigration> applied = {row(1, "one", "0123456789"), row(3, "three", "c3"),
                                                 row(4, "four", "c4"), row(9, "nine", "c9"),
                                                 row(-1, "gone", "cg")};
  try {
    refuse_drift(compare(k_files, applied), false);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_THAT(
        error.what(),
        AllOf(HasSubstr("1_one: it was changed after it was applied (checksum 01234567"),
              HasSubstr("2_two: it stands below 9"), HasSubstr("3_three: it is applied and"),
              HasSubstr("9_nine: it is applied but unknown"), Not(HasSubstr("4_four")),
              Not(HasSubstr("R__gone"))));
  }
}

TEST(Drift, LateOnesPassWhenTheyAreAllowed) {
  const auto statuses = compare(k_files, std::vector{row(2, "two", "c2")});
  EXPECT_THROW(refuse_drift(statuses, false), Error);
  EXPECT_NO_THROW(refuse_drift(statuses, true));
}

}  // namespace
}  // namespace loci::schema
