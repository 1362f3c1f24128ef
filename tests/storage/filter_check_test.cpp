#include "storage/filter_check.hpp"

#include <loci/base/error.hpp>
#include <loci/storage/limits.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

#include "pg/ask.hpp"

namespace loci::storage {
namespace {

using C = ConversationFields;
using test::error_of;
using ::testing::HasSubstr;

template <class Record = Conversation>
std::string refusal(const Filter& filter) {
  const Error error = error_of([&] { return check_filter<Record>(filter); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  return error.what();
}

FilterValue only_value(const Filter& filter) {
  return filter.node().values.at(0);
}

TEST(FilterCheck, AnUnknownFieldNamesTheNearest) {
  EXPECT_THAT(refusal(field("updatedat").is_null()), HasSubstr("the nearest is updated_at"));
  EXPECT_THAT(refusal<Message>(C::user_id.eq("ada") && field("conversatoin_id").is_null()),
              HasSubstr("there is no field \"user_id\""));
  EXPECT_THAT(refusal<ToolExecution>(metadata("a").eq("b")), HasSubstr("no field \"metadata\""));
}

TEST(FilterCheck, AValueOfAnotherTypeSaysWhatTheFieldTakes) {
  EXPECT_THAT(refusal(field("user_id").eq(std::int64_t{1})), HasSubstr("user_id takes text"));
  EXPECT_THAT(refusal(field("id").eq(std::string("abc"))), HasSubstr("id takes a UUID"));
  EXPECT_THAT(refusal(field("created_at").ge(std::string("yesterday"))), HasSubstr("takes a time"));
  EXPECT_THAT(refusal<Message>(field("seq").eq(1.5)), HasSubstr("seq takes a whole number"));
  EXPECT_THAT(refusal<Memory>(field("pinned").eq(std::string("yes"))), HasSubstr("true or false"));
  EXPECT_THAT(refusal(field("title").eq(JsonText{"[]"})), HasSubstr("title takes text"));
  EXPECT_THAT(
      refusal<Memory>(MemoryFields::importance.lt(std::numeric_limits<double>::quiet_NaN())),
      HasSubstr("importance takes a finite number"));
  EXPECT_THAT(refusal(metadata("at").eq(now())), HasSubstr("compare it with text"));
}

TEST(FilterCheck, TextBecomesWhatItsFieldHolds) {
  const Uuid id = Uuid::v7();
  EXPECT_EQ(only_value(check_filter<Conversation>(field("id").eq(id.str()))), FilterValue(id));
  EXPECT_EQ(
      only_value(check_filter<Conversation>(field("created_at").eq(std::string("1970-01-02")))),
      FilterValue(Timestamp(std::chrono::days(1))));
  EXPECT_EQ(only_value(check_filter<Memory>(field("importance").eq(std::int64_t{1}))),
            FilterValue(1.0));
}

TEST(FilterCheck, OperatorsThatAFieldDoesNotHaveAreRefused) {
  EXPECT_THAT(refusal(field("id").contains(Uuid::v7())), HasSubstr("cannot be asked contains"));
  EXPECT_THAT(refusal<Memory>(field("pinned").lt(true)), HasSubstr("cannot be asked lt"));
  EXPECT_THAT(refusal(metadata("a").lt(true)), HasSubstr("metadata.a cannot be asked lt"));
  EXPECT_THAT(refusal(metadata("a").starts_with("1") && metadata("b").gt(JsonText{"[1]"})),
              HasSubstr("metadata.b cannot be asked gt"));
  EXPECT_THAT(refusal(field("metadata").contains(std::string("x"))),
              HasSubstr("metadata cannot be asked contains"));
  EXPECT_THAT(refusal(Filter::condition(FilterOp::eq, "title", {"part"}, {std::string("x")})),
              HasSubstr("only metadata has parts"));
}

TEST(FilterCheck, AConditionHasAsManyValuesAsItsOperatorTakes) {
  EXPECT_THAT(refusal(Filter::condition(FilterOp::eq, "title", {}, {})),
              HasSubstr("title eq takes one value"));
  EXPECT_THAT(refusal(Filter::condition(FilterOp::is_null, "title", {}, {std::string("x")})),
              HasSubstr("is_null takes no value"));
  EXPECT_THAT(refusal(Filter(Filter::Node{.op = FilterOp::negation})),
              HasSubstr("not takes one condition"));
}

TEST(FilterCheck, WhatMetadataHoldsIsComparedAsJson) {
  const auto json = [](const Filter& filter) {
    return std::get<JsonText>(only_value(check_filter<Conversation>(filter))).text;
  };
  EXPECT_EQ(json(metadata("a").eq("it's \"x\"")), R"("it's \"x\"")");
  EXPECT_EQ(json(metadata("a").eq(0.1)), "0.1");
  EXPECT_EQ(json(metadata("a").eq(true)), "true");
  EXPECT_EQ(json(metadata("a").contains(std::string("x"))), R"(["x"])");
  EXPECT_EQ(json(metadata("a").contains(JsonText{" {\"b\": 1} "})), R"({"b": 1})");
  EXPECT_EQ(json(metadata("a").gt(JsonText{"1e400"})), "1e400");
}

TEST(FilterCheck, ValuesThatNoColumnTakesAreRefused) {
  EXPECT_THAT(refusal(C::title.eq(std::string("a\0b", 3))), HasSubstr("NUL"));
  EXPECT_THAT(refusal(C::title.eq("\xff")), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal(metadata("a").eq(JsonText{"{"})), HasSubstr("metadata.a"));
  EXPECT_THAT(refusal(metadata("a").eq(JsonText{R"("\u0000")"})), HasSubstr("\\u0000"));
  EXPECT_THAT(refusal(metadata("a").eq(JsonText{"1e-20000"})), HasSubstr("larger or finer"));
  EXPECT_THAT(refusal(metadata("a\xff").is_null()), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal(C::created_at.lt(Timestamp::min() + std::chrono::microseconds(1))),
              HasSubstr("4713 BC"));
  EXPECT_THAT(refusal(metadata("a").eq(JsonText{std::string(129, '[') + std::string(129, ']')})),
              HasSubstr("nested deeper than 128"));
}

TEST(FilterCheck, DepthConditionsAndKeysAreBounded) {
  Filter deep = C::title.eq("x");
  for (int i = 0; i < limits::filter_depth; ++i) {
    deep = i % 2 == 0 ? (deep || C::title.eq("y")) : (deep && C::title.eq("y"));
  }
  EXPECT_THAT(refusal(deep), HasSubstr("nested deeper than 32 levels"));
  Filter wide;
  for (std::size_t i = 0; i <= limits::filter_conditions; ++i) wide = wide && C::title.eq("x");
  EXPECT_THAT(refusal(wide), HasSubstr("more than 256 conditions"));
  EXPECT_THAT(refusal(C::title.in(std::vector<std::string>(limits::keys + 1))),
              HasSubstr("more than 10000 values"));
}

TEST(FilterCheck, AChainOfConditionsIsFlat) {
  Filter chain = C::title.eq("x");
  for (std::size_t i = 1; i < limits::filter_conditions; ++i) chain = chain || C::title.eq("x");
  EXPECT_EQ(check_filter<Conversation>(chain).node().children.size(), limits::filter_conditions);
}

TEST(FilterCheck, EverythingAbsorbsOrVanishes) {
  EXPECT_EQ((Filter() || C::title.eq("x")).op(), FilterOp::all);
  EXPECT_EQ((Filter() && C::title.eq("x")).op(), FilterOp::eq);
  EXPECT_EQ((!!C::title.eq("x")).op(), FilterOp::eq);
}

TEST(FilterCheck, AFieldIsFixedByAnOutermostEquality) {
  const Filter of_ada = C::user_id.eq("ada") && C::title.eq("x");
  EXPECT_TRUE(fixes(of_ada, "user_id"));
  EXPECT_FALSE(fixes(of_ada, "status"));
  EXPECT_FALSE(fixes(C::user_id.eq("ada") || C::title.eq("x"), "user_id"));
  EXPECT_FALSE(fixes(!C::user_id.eq("ada"), "user_id"));
  EXPECT_FALSE(fixes(C::user_id.in({"ada"}), "user_id"));
}

}  // namespace
}  // namespace loci::storage
