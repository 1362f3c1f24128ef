#include <random>

#include "pg/types_fixture.hpp"

namespace loci::pg {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::sys_days;
using test::error_of;
using test::query;
using test::refusal_of;
using test::value;

struct TemporalTypes : test::TypesFixture {};

TEST_F(TemporalTypes, TimesComeBackToTheMicrosecond) {
  for (const char* text :
       {"2024-10-29T15:59:18.774635Z", "1970-01-01T00:00:00Z", "1999-12-31T23:59:59.999999Z",
        "2000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"}) {
    const auto time = parse_timestamp(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(echo<type::Timestamptz>(*time, "timestamptz"), *time);
    EXPECT_EQ(read<type::Timestamptz>("'" + std::string(text) + "'::timestamptz"), *time);
  }
}

TEST_F(TemporalTypes, FarTimesKeepTheirDistanceFromInfinity) {
  const Timestamp earliest = read<type::Timestamptz>("'4713-01-01 00:00:00+00 BC'::timestamptz");
  EXPECT_EQ(echo<type::Timestamptz>(earliest, "timestamptz"), earliest);
  EXPECT_GT(earliest, Timestamp::min());
  const Timestamp latest = read<type::Timestamptz>("'294246-12-31 23:59:59+00'::timestamptz");
  EXPECT_EQ(echo<type::Timestamptz>(latest, "timestamptz"), latest);
  EXPECT_LT(latest, Timestamp::max());
  // The server goes thirty years further than 64 bits of microseconds from 1970 do.
  EXPECT_EQ(error_of([&] {
              return read<type::Timestamptz>("'294276-12-31 00:00:00+00'::timestamptz");
            }).kind(),
            ErrorKind::protocol);
  EXPECT_EQ(refusal_of<type::Timestamptz>(Timestamp::min() + std::chrono::days(1)),
            ErrorKind::invalid_argument);
}

TEST_F(TemporalTypes, InfiniteTimesAreTheExtremes) {
  EXPECT_EQ(read<type::Timestamptz>("'infinity'::timestamptz"), Timestamp::max());
  EXPECT_EQ(read<type::Timestamptz>("'-infinity'::timestamptz"), Timestamp::min());
  EXPECT_EQ(text_of<type::Timestamptz>(Timestamp::max(), "timestamptz"), "infinity");
  EXPECT_EQ(text_of<type::Timestamptz>(Timestamp::min(), "timestamptz"), "-infinity");
}

TEST_F(TemporalTypes, TimestampsWithoutZoneComeBack) {
  const auto at = [](std::chrono::year_month_day day, microseconds time) {
    return LocalTimestamp(std::chrono::local_days(day).time_since_epoch() + time);
  };
  expect_text<type::Timestamp>(at(2024y / 10 / 29, 15h + 59min + 18s + 774635us), "timestamp",
                               "2024-10-29 15:59:18.774635");
  expect_text<type::Timestamp>(at(-43y / 3 / 15, 12h), "timestamp", "0044-03-15 12:00:00 BC");
  expect_text<type::Timestamp>(at(1999y / 12 / 31, 24h - 1us), "timestamp",
                               "1999-12-31 23:59:59.999999");
  expect_text<type::Timestamp>(LocalTimestamp::max(), "timestamp", "infinity");
  expect_text<type::Timestamp>(LocalTimestamp::min(), "timestamp", "-infinity");
  EXPECT_EQ(refusal_of<type::Timestamp>(LocalTimestamp::min() + 1us), ErrorKind::invalid_argument);
}

TEST_F(TemporalTypes, DatesComeBack) {
  expect_text<type::Date>(2024y / 2 / 29, "date", "2024-02-29");
  expect_text<type::Date>(1970y / 1 / 1, "date", "1970-01-01");
  expect_text<type::Date>(1999y / 12 / 31, "date", "1999-12-31");
  expect_text<type::Date>(0y / 2 / 29, "date", "0001-02-29 BC");
  expect_text<type::Date>(-4712y / 1 / 1, "date", "4713-01-01 BC");
  expect_text<type::Date>(sys_days(days(2'147'483'493 - 2'440'588)), "date", "5874897-12-31");
  expect_text<type::Date>(sys_days::max(), "date", "infinity");
  expect_text<type::Date>(sys_days::min(), "date", "-infinity");
}

TEST_F(TemporalTypes, EveryDayIsAsFarFromTheEpochAsTheServerCounts) {
  std::mt19937_64 random(1582);
  std::vector<sys_days> sent;
  std::vector<std::int32_t> distances;
  for (int i = 0; i < 1000; ++i) {
    // From 4713 BC to the year 5874897.
    distances.push_back(static_cast<std::int32_t>(random() % 2'147'483'000) - 2'440'000);
    sent.push_back(sys_days(days(distances.back())));
  }
  EXPECT_EQ(echo<type::Array<type::Date>>(sent, "date[]"), sent);
  const auto counted = db.run(value<type::Array<type::Int4>>(
      db.pool, query<type::Array<type::Date>>("select array(select day - date '1970-01-01' from "
                                              "unnest($1::date[]) with ordinality each(day, n) "
                                              "order by n)",
                                              sent)));
  EXPECT_EQ(counted, distances);
}

TEST_F(TemporalTypes, DatesTheWireCannotHoldAreRefused) {
  for (const sys_days bad :
       {sys_days::max() - days(1), sys_days::min() + days(1), sys_days(days(INT32_MAX + 10'957LL)),
        sys_days(days(INT32_MIN + 10'957LL))}) {
    EXPECT_EQ(refusal_of<type::Date>(bad), ErrorKind::invalid_argument);
  }
}

TEST_F(TemporalTypes, TimesOfDayComeBack) {
  expect_text<type::Time>(0us, "time", "00:00:00");
  expect_text<type::Time>(1us, "time", "00:00:00.000001");
  expect_text<type::Time>(24h - 1us, "time", "23:59:59.999999");
  expect_text<type::Time>(24h, "time", "24:00:00");
  EXPECT_EQ(refusal_of<type::Time>(-1us), ErrorKind::invalid_argument);
  EXPECT_EQ(refusal_of<type::Time>(24h + 1us), ErrorKind::invalid_argument);
}

TEST_F(TemporalTypes, IntervalsKeepTheirThreePartsApart) {
  expect_text<type::Interval>({}, "interval", "00:00:00");
  expect_text<type::Interval>({14, -3, 4h + 5min + 6s + 789ms}, "interval",
                              "1 year 2 mons -3 days +04:05:06.789");
  expect_text<type::Interval>({0, 1, -25h}, "interval", "1 day -25:00:00");
  expect_text<type::Interval>({1, 0, 0us}, "interval", "1 mon");
  expect_text<type::Interval>({0, 30, 0us}, "interval", "30 days");
  expect_text<type::Interval>(Interval::infinity(), "interval", "infinity");
  expect_text<type::Interval>(Interval::minus_infinity(), "interval", "-infinity");
  EXPECT_NE((Interval{1, 0, 0us}), (Interval{0, 30, 0us}));
}

TEST_F(TemporalTypes, AnyIntervalComesBackWhole) {
  std::mt19937_64 random(12);
  std::vector<Interval> sent;
  for (int i = 0; i < 1000; ++i) {
    sent.push_back({static_cast<std::int32_t>(random()), static_cast<std::int32_t>(random()),
                    microseconds(static_cast<std::int64_t>(random()))});
  }
  EXPECT_EQ(echo<type::Array<type::Interval>>(sent, "interval[]"), sent);
}

TEST_F(TemporalTypes, ArraysComeBack) {
  expect_echo<type::Array<type::Date>>({{}, {sys_days::max(), 2000y / 1 / 1}}, "date[]");
  expect_echo<type::ArrayOfNullable<type::Time>>({{24h, std::nullopt}}, "time[]");
  expect_echo<type::Array<type::Timestamp>>({{LocalTimestamp(), LocalTimestamp::min()}},
                                            "timestamp[]");
}

}  // namespace
}  // namespace loci::pg
