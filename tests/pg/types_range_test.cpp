#include <loci/pg/types/range.hpp>

#include "pg/types_fixture.hpp"

namespace loci::pg {
namespace {

using namespace std::chrono_literals;
using test::error_of;

struct RangeTypes : test::TypesFixture {};

TEST_F(RangeTypes, RangesOfEachTypeComeBack) {
  expect_text<type::Int4Range>({1, 5}, "int4range", "[1,5)");
  expect_text<type::Int8Range>({INT64_MIN, INT64_MAX}, "int8range",
                               "[-9223372036854775808,9223372036854775807)");
  expect_text<type::NumRange>({Decimal::parse("-1.50"), Decimal(2), false, true}, "numrange",
                              "(-1.50,2]");
  expect_text<type::DateRange>(
      {std::chrono::sys_days(2024y / 2 / 29), std::chrono::sys_days(2024y / 3 / 1)}, "daterange",
      "[2024-02-29,2024-03-01)");
  expect_text<type::TsRange>({LocalTimestamp(0s), LocalTimestamp(1us), true, true}, "tsrange",
                             "[\"1970-01-01 00:00:00\",\"1970-01-01 00:00:00.000001\"]");
  const Range<Timestamp> past{Timestamp::min(), Timestamp(0s), false, false};
  EXPECT_EQ(echo<type::TstzRange>(past, "tstzrange"), past);
}

TEST_F(RangeTypes, OpenSidesAndInfiniteBoundsAreNotTheSame) {
  expect_text<type::NumRange>({std::nullopt, std::nullopt}, "numrange", "(,)");
  expect_text<type::NumRange>({Decimal(0), std::nullopt}, "numrange", "[0,)");
  expect_text<type::NumRange>({std::nullopt, Decimal(0), false, true}, "numrange", "(,0]");
  expect_text<type::DateRange>({std::nullopt, std::chrono::sys_days::max()}, "daterange",
                               "(,infinity)");
}

TEST_F(RangeTypes, WholeNumbersComeBackFromLowerToBeforeUpper) {
  EXPECT_EQ(echo<type::Int4Range>({1, 5, false, true}, "int4range"), (Range<std::int32_t>{2, 6}));
}

TEST_F(RangeTypes, RangesThatHoldNothingAreEmpty) {
  expect_text<type::Int4Range>(Range<std::int32_t>::nothing(), "int4range", "empty");
  EXPECT_EQ(echo<type::Int4Range>({3, 3}, "int4range"), Range<std::int32_t>::nothing());
  EXPECT_EQ(error_of([&] { return echo<type::Int4Range>({5, 1}, "int4range"); }).sqlstate(),
            "22000");
}

TEST_F(RangeTypes, WhatIsOfNoMeaningIsNotCompared) {
  using Ints = Range<std::int32_t>;
  EXPECT_EQ((Ints{std::nullopt, 1, true}), (Ints{std::nullopt, 1, false}));
  EXPECT_EQ((Ints{1, 2, true, false, true}), Ints::nothing());
  EXPECT_NE((Ints{1, 2}), Ints::nothing());
  EXPECT_NE((Ints{1, 2}), (Ints{1, 2, false}));
}

TEST_F(RangeTypes, ArraysOfRangesComeBack) {
  expect_echo<type::Array<type::NumRange>>(
      {{}, {{Decimal(1), std::nullopt}, Range<Decimal>::nothing()}}, "numrange[]");
  expect_echo<type::ArrayOfNullable<type::Int8Range>>({{std::nullopt, Range<std::int64_t>{1, 2}}},
                                                      "int8range[]");
}

}  // namespace
}  // namespace loci::pg
