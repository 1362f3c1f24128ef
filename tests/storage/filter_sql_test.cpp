#include "storage/filter_sql.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "storage/filter_check.hpp"
#include "storage/metadata_probe.hpp"

namespace loci::storage {
namespace {

using C = ConversationFields;
using ::testing::HasSubstr;
using ::testing::Not;

template <class Record = Conversation>
std::string sql_of(const Filter& filter) {
  SelectText statement{.sql = "where true", .params = {}};
  add_filter(statement, check_filter<Record>(filter), &declared_field<Record>);
  return statement.sql;
}

std::string probed(const Filter& filter) {
  const auto document = contained_metadata(check_filter<Conversation>(filter));
  return document ? document->text : "nothing";
}

TEST(FilterSql, PositiveConditionsStayAsAnIndexTakesThem) {
  EXPECT_EQ(sql_of(C::user_id.eq("ada") && C::updated_at.lt(now())),
            R"(where true and (t."user_id" = $1::text and t."updated_at" < $2::timestamptz))");
  EXPECT_EQ(sql_of(C::id.in({Uuid::v7(), Uuid::v7()})),
            R"(where true and t."id" = any($1::uuid[]))");
}

TEST(FilterSql, NegationsStandAtTheConditions) {
  EXPECT_EQ(
      sql_of(!(C::user_id.eq("ada") && C::source.eq("chatgpt"))),
      R"(where true and (not (t."user_id" = $1::text) or (t."source" = $2::text) is not true))");
  EXPECT_EQ(sql_of(!C::title.ne("x")), R"(where true and t."title" = $1::text)");
  EXPECT_EQ(sql_of(!Filter()), "where true and false");
}

TEST(FilterSql, OrdersAndPrefixesOfTextAreThoseOfItsBytes) {
  EXPECT_EQ(sql_of(C::title.lt("x")), R"(where true and t."title" collate "C" < $1::text)");
  EXPECT_EQ(
      sql_of(C::title.starts_with("ab")),
      R"(where true and (t."title" collate "C" >= $1::text and t."title" collate "C" < $2::text))");
}

TEST(FilterSql, APrefixEndsBeforeTheNextText) {
  EXPECT_EQ(after_prefix("ab"), "ac");
  EXPECT_EQ(after_prefix("a\x7f"), "a\u0080");
  EXPECT_EQ(after_prefix("\u07ff"), "\u0800");
  EXPECT_EQ(after_prefix("\ud7ff"), "\ue000");
  EXPECT_EQ(after_prefix("a\U0010ffff"), "b");
  EXPECT_EQ(after_prefix("\U0010ffff"), std::nullopt);
  EXPECT_EQ(after_prefix(""), std::nullopt);
}

// Every place where a caller's text can stand.
TEST(FilterSql, NothingOfTheCallerIsEverText) {
  for (const std::string evil :
       {"x' or true --", "$1", "\") or (true", "a\\'b", "'; drop table t"}) {
    const Filter filter = C::title.eq(evil) && C::title.in({evil}) && C::title.contains(evil) &&
                          C::title.starts_with(evil) && !C::source.ge(evil) &&
                          metadata(evil).is_null() && metadata("a", evil).eq(evil) &&
                          metadata(evil).contains(evil) && metadata(evil).starts_with(evil) &&
                          metadata(evil).lt(evil) && metadata(evil).in({evil, std::int64_t{5}});
    const std::string sql = sql_of(filter);
    EXPECT_EQ(sql, sql_of(C::title.eq("1") && C::title.in({"2"}) && C::title.contains("3") &&
                          C::title.starts_with("4") && !C::source.ge("5") &&
                          metadata("6").is_null() && metadata("7", "8").eq("9") &&
                          metadata("10").contains("11") && metadata("12").starts_with("13") &&
                          metadata("14").lt("15") && metadata("16").in({std::string("17")})));
  }
}

TEST(MetadataProbe, OutermostConditionsMakeOneDocument) {
  EXPECT_EQ(probed(C::user_id.eq("x") && metadata("a", "b").eq("c") && metadata("a", "d").eq(1.5)),
            R"({"a":{"b":"c","d":1.5}})");
  EXPECT_EQ(probed(metadata("tags").contains("x") && metadata("tags").contains("y")),
            R"({"tags":["x","y"]})");
  EXPECT_EQ(probed(field("metadata").contains(JsonText{R"({"k": {"l": true}})"})),
            R"({"k":{"l":true}})");
}

TEST(MetadataProbe, WhatContradictsItselfAsksForLess) {
  EXPECT_EQ(probed(metadata("a").eq("b") && metadata("a", "b").eq("c")), R"({"a":"b"})");
}

TEST(MetadataProbe, WhatAnIndexCannotKnowIsNotAsked) {
  EXPECT_EQ(probed(metadata("a").eq("b") || C::title.eq("x")), "nothing");
  EXPECT_EQ(probed(!metadata("a").eq("b")), "nothing");
  EXPECT_EQ(probed(metadata("a").gt(std::int64_t{1})), "nothing");
  EXPECT_EQ(probed(metadata("a").contains(JsonText{"{}"})), "nothing");
  EXPECT_EQ(probed(metadata("a").eq(JsonText{"[]"})), "nothing");
}

}  // namespace
}  // namespace loci::storage
