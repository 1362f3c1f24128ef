#include <loci/pg/row_json.hpp>
#include <loci/pg/types.hpp>
#include <loci/pg/types/bit_string.hpp>
#include <loci/pg/types/numeric.hpp>
#include <loci/pg/types/range.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <string>

namespace loci::pg {
namespace {

using namespace std::chrono_literals;

template <class Type>
std::string json(const typename Type::Value& value) {
  JsonWriter out;
  out.object();
  json_member<Type>(out, "x", value);
  out.close();
  return std::move(out).text();
}

TEST(RowJson, NumbersAndText) {
  EXPECT_EQ(json<type::Int8>(std::numeric_limits<std::int64_t>::min()),
            R"({"x":-9223372036854775808})");
  EXPECT_EQ(json<type::Bool>(true), R"({"x":true})");
  EXPECT_EQ(json<type::Float4>(0.1F), R"({"x":0.1})");
  EXPECT_EQ(json<type::Float4>(std::nanf("")), R"({"x":null})");
  EXPECT_EQ(json<type::Float8>(0.1), R"({"x":0.1})");
  EXPECT_EQ(json<type::Numeric>(Decimal::parse("1.500").value()), R"({"x":1.500})");
  EXPECT_EQ(json<type::Numeric>(Decimal::parse("NaN").value()), R"({"x":"NaN"})");
  EXPECT_EQ(json<type::Text>("a\"b\n"), R"({"x":"a\"b\n"})");
  EXPECT_EQ(json<type::Bytea>(std::string("\x00\xff", 2)), R"({"x":"\\x00ff"})");
  EXPECT_EQ(json<type::Jsonb>({R"({"a": [1]})"}), R"({"x":{"a": [1]}})");
  EXPECT_EQ(json<type::Varbit>(BitString::parse("0101").value()), R"({"x":"0101"})");
}

TEST(RowJson, Times) {
  using std::chrono::sys_days;
  const sys_days day(std::chrono::year(2024) / 10 / 29);
  EXPECT_EQ(json<type::Date>(day), R"({"x":"2024-10-29"})");
  EXPECT_EQ(json<type::Date>(sys_days::max()), R"({"x":"infinity"})");
  EXPECT_EQ(json<type::Timestamptz>(day + 15h + 1us), R"({"x":"2024-10-29T15:00:00.000001Z"})");
  EXPECT_EQ(json<type::Timestamptz>(Timestamp::min()), R"({"x":"-infinity"})");
  EXPECT_EQ(json<type::Timestamp>(LocalTimestamp((day + 15h).time_since_epoch())),
            R"({"x":"2024-10-29T15:00:00"})");
  EXPECT_EQ(json<type::Timestamp>(LocalTimestamp::max()), R"({"x":"infinity"})");
  EXPECT_EQ(json<type::Time>(15h + 59min + 18s + 5ms), R"({"x":"15:59:18.005000"})");
  EXPECT_EQ(json<type::Time>(24h), R"({"x":"24:00:00"})");
  EXPECT_EQ(json<type::Interval>({.months = 1, .days = -2, .time = 3us}),
            R"({"x":{"months":1,"days":-2,"microseconds":3}})");
}

TEST(RowJson, WhatHoldsOtherValues) {
  EXPECT_EQ(json<type::ArrayOfNullable<type::Bool>>({true, std::nullopt}), R"({"x":[true,null]})");
  EXPECT_EQ(json<type::Array<type::Bytea>>({"a"}), R"({"x":["\\x61"]})");
  EXPECT_EQ(json<type::Array<type::Bool>>({true, false}), R"({"x":[true,false]})");
  EXPECT_EQ(json<type::Int4Range>({.lower = 1, .upper = std::nullopt}),
            R"({"x":{"lower":1,"upper":null,"lower_inclusive":true,"upper_inclusive":false}})");
  EXPECT_EQ(json<type::NumRange>(Range<Decimal>::nothing()), R"({"x":{"empty":true}})");
  EXPECT_EQ(json<type::Vector>({{0.1F, 2}}), R"({"x":[0.1,2]})");
  EXPECT_EQ(json<type::Sparsevec>({.dimensions = 9, .indices = {0, 4}, .values = {0.5F, 1}}),
            R"({"x":{"dimensions":9,"indices":[0,4],"values":[0.5,1]}})");
}

TEST(RowJson, NullIsNull) {
  JsonWriter out;
  out.object();
  json_member<type::Int4>(out, "a", std::optional<std::int32_t>());
  json_member<type::Int4>(out, "b", std::optional<std::int32_t>(2));
  out.close();
  EXPECT_EQ(out.text(), R"({"a":null,"b":2})");
}

}  // namespace
}  // namespace loci::pg
