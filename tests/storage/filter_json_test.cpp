#include <loci/base/error.hpp>
#include <loci/storage/filter.hpp>
#include <loci/storage/limits.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "pg/ask.hpp"
#include "storage/filter_check.hpp"

namespace loci::storage {
namespace {

using test::error_of;
using ::testing::HasSubstr;

std::string refusal(const std::string& json) {
  const Error error = error_of([&] { return parse_filter(json); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  return error.what();
}

const Filter::Node& first(const Filter& filter) {
  return filter.node().children.empty() ? filter.node() : filter.node().children.front().node();
}

TEST(FilterJson, AMemberIsAnEquality) {
  const Filter filter = parse_filter(R"({"user_id": "ada"})");
  EXPECT_EQ(filter.op(), FilterOp::eq);
  EXPECT_EQ(filter.node().field, "user_id");
  EXPECT_EQ(filter.node().values.at(0), FilterValue(std::string("ada")));
}

TEST(FilterJson, SeveralMembersMustAllHold) {
  const Filter filter = parse_filter(R"({"user_id": "ada", "created_at": {"ge": "a", "lt": "b"}})");
  EXPECT_EQ(filter.op(), FilterOp::conjunction);
  EXPECT_EQ(filter.node().children.size(), 3U);
}

TEST(FilterJson, NoConditionIsEverything) {
  EXPECT_EQ(parse_filter("{}").op(), FilterOp::all);
}

TEST(FilterJson, AndOrNotNest) {
  const Filter filter =
      parse_filter(R"({"or": [{"not": {"title": "x"}}, {"and": [{"id": "y"}, {"id": "z"}]}]})");
  EXPECT_EQ(filter.op(), FilterOp::disjunction);
  EXPECT_EQ(filter.node().children.at(0).op(), FilterOp::negation);
  EXPECT_EQ(filter.node().children.at(1).op(), FilterOp::conjunction);
}

TEST(FilterJson, AnEmptyOrHoldsForNothing) {
  const Filter filter = check_filter<Conversation>(parse_filter(R"({"or": []})"));
  EXPECT_EQ(filter.op(), FilterOp::disjunction);
  EXPECT_TRUE(filter.node().children.empty());
}

TEST(FilterJson, EachOperatorGoesByItsName) {
  for (const char* op : {"eq", "ne", "lt", "le", "gt", "ge", "contains", "starts_with"}) {
    EXPECT_EQ(
        parse_filter("{\"title\": {\"" + std::string(op) + "\": \"x\"}}").node().values.size(), 1U);
  }
  EXPECT_EQ(parse_filter(R"({"title": {"in": ["a", "b"]}})").node().values.size(), 2U);
}

TEST(FilterJson, NullIsAskedForInThreeWays) {
  for (const char* json :
       {R"({"source": null})", R"({"source": {"eq": null}})", R"({"source": {"is_null": true}})"}) {
    EXPECT_EQ(parse_filter(json).op(), FilterOp::is_null) << json;
  }
  for (const char* json : {R"({"source": {"ne": null}})", R"({"source": {"is_null": false}})"}) {
    EXPECT_EQ(parse_filter(json).op(), FilterOp::negation) << json;
  }
}

TEST(FilterJson, DotsLeadIntoMetadata) {
  const Filter filter =
      parse_filter(R"({"metadata.repo.lang": "de", "metadata": {"contains": {}}})");
  EXPECT_EQ(first(filter).field, "metadata");
  EXPECT_THAT(first(filter).path, testing::ElementsAre("repo", "lang"));
}

TEST(FilterJson, NumbersAreKeptWhole) {
  const auto value = [](const std::string& number) {
    return parse_filter(R"({"metadata.n": )" + number + "}").node().values.at(0);
  };
  EXPECT_EQ(value("3"), FilterValue(std::int64_t{3}));
  EXPECT_EQ(value("3.0"), FilterValue(std::int64_t{3}));
  EXPECT_EQ(value("0.1"), FilterValue(0.1));
  EXPECT_EQ(value("9223372036854775807"), FilterValue(std::int64_t{9223372036854775807}));
  EXPECT_EQ(value("9007199254740993.0"), FilterValue(JsonText{"9007199254740993.0"}));
  EXPECT_EQ(value("12345678901234567890123"), FilterValue(JsonText{"12345678901234567890123"}));
  EXPECT_EQ(value("1e400"), FilterValue(JsonText{"1e400"}));
}

TEST(FilterJson, AFaultIsToldWithItsPlace) {
  EXPECT_THAT(refusal(R"({"and": [{}, {"created_at": {"gte": 1}}]})"),
              HasSubstr("at and[1].created_at: there is no operator \"gte\"; the nearest is ge"));
  EXPECT_THAT(refusal(R"({"not": []})"), HasSubstr("at not: a filter is an object"));
  EXPECT_THAT(refusal(R"({"title": {"in": ["a", null]}})"), HasSubstr("at title.in[1]"));
  EXPECT_THAT(refusal(R"({"title": {"in": "a"}})"), HasSubstr("takes an array of values"));
  EXPECT_THAT(refusal(R"({"title": {"lt": null}})"), HasSubstr("at title.lt: cannot be null"));
  EXPECT_THAT(refusal(R"({"or": {}})"), HasSubstr("at or: takes an array of filters"));
  EXPECT_THAT(refusal("[]"), HasSubstr("a filter is an object"));
  EXPECT_THAT(refusal("{"), HasSubstr("not JSON"));
}

TEST(FilterJson, DepthAndSizeAreBounded) {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "{\"not\":";
  EXPECT_THAT(refusal(deep + "{}" + std::string(200, '}')), HasSubstr("nested deeper than 32"));
  std::string wide = "{\"and\": [";
  for (int i = 0; i < 257; ++i) wide += std::string(i == 0 ? "" : ",") + R"({"title": "x"})";
  EXPECT_THAT(refusal(wide + "]}"), HasSubstr("more than 256 conditions"));
  std::string hollow = "{\"and\": [";
  for (int i = 0; i < 5000; ++i) hollow += i == 0 ? R"({"not":{}})" : R"(,{"not":{}})";
  EXPECT_THAT(refusal(hollow + "]}"), HasSubstr("more than 256 connectives"));
  EXPECT_THAT(refusal(std::string(limits::json + 1, ' ')), HasSubstr("over 16 MB"));
}

// Filters with bytes changed, cut and doubled: read, or refused as what they are.
TEST(FilterJson, BrokenTextIsRefusedAndNothingElseHappens) {
  const std::string whole =
      R"({"and":[{"title":{"starts_with":"a\u00e4"}},{"or":[{"metadata.a.b":{"in":[1,2.5,"x",true]}},)"
      R"({"not":{"created_at":{"ge":"2024-01-01"}}}]}],"source":null,"metadata":{"contains":{"k":[]}}})";
  std::mt19937 random(7);
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = whole;
    for (auto edits = random() % 3 + 1; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, random() % 8);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 12));
      }
    }
    try {
      (void)check_filter<Conversation>(parse_filter(text));
      ++read;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::invalid_argument) << text << ": " << error.what();
    }
  }
  EXPECT_GT(read, 100);
}

}  // namespace
}  // namespace loci::storage
