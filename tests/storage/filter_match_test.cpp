#include "storage/filter_match.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "storage/jsonb_value.hpp"
#include "storage/list_order.hpp"

namespace loci::storage {
namespace {

using M = MemoryFields;

bool holds(const Filter& filter, const Memory& memory) {
  return matches(check_filter<Memory>(filter), memory);
}

Memory with_metadata(std::string json) {
  Memory memory;
  memory.content = "x";
  memory.metadata = {std::move(json)};
  return memory;
}

bool same_json(const char* left, const char* right) {
  return JsonbValue::parse({left}) == JsonbValue::parse({right});
}
bool json_holds(const char* whole, const char* part) {
  return JsonbValue::parse({whole}).contains(JsonbValue::parse({part}));
}
bool less(const char* left, const char* right) {
  return compare_numbers(JsonbValue::parse({left}).text, JsonbValue::parse({right}).text) < 0;
}

TEST(FilterMatch, AConditionOnNullIsFalseAndItsNegationTrue) {
  const Memory memory = with_metadata("{}");
  for (const Filter& filter :
       {M::agent_id.eq("x"), M::agent_id.lt("x"), M::agent_id.in({"x"}), M::agent_id.contains(""),
        M::agent_id.starts_with(""), metadata("a").eq("x"), metadata("a").gt(std::int64_t{1}),
        metadata("a").contains(JsonText{"[]"})}) {
    EXPECT_FALSE(holds(filter, memory));
    EXPECT_TRUE(holds(!filter, memory));
  }
  EXPECT_TRUE(holds(M::agent_id.ne("x"), memory));
  EXPECT_TRUE(holds(M::agent_id.is_null(), memory));
  EXPECT_TRUE(holds(metadata("a").ne("x"), memory));
}

TEST(FilterMatch, TextIsComparedByteByByte) {
  Memory memory = with_metadata("{}");
  memory.content = "Zebra";
  EXPECT_TRUE(holds(M::content.lt("a"), memory));
  EXPECT_TRUE(holds(M::content.lt("\u00e4"), memory));
  EXPECT_TRUE(holds(M::content.starts_with("Ze"), memory));
  EXPECT_FALSE(holds(M::content.contains("ze"), memory));
}

TEST(FilterMatch, MetadataOfAnotherTypeIsNeverLessOrMore) {
  const Memory memory = with_metadata(R"({"n": 10, "t": "10"})");
  EXPECT_TRUE(holds(metadata("n").gt(std::int64_t{9}), memory));
  EXPECT_FALSE(holds(metadata("t").gt(std::int64_t{9}), memory));
  EXPECT_FALSE(holds(metadata("n").gt("1"), memory));
  EXPECT_FALSE(holds(metadata("n").eq("10"), memory));
  EXPECT_TRUE(holds(!metadata("n").gt("1"), memory));
}

TEST(FilterMatch, PathsLeadThroughObjectsAlone) {
  const Memory memory = with_metadata(R"({"a": {"b": [5]}, "n": null})");
  EXPECT_TRUE(holds(metadata("a", "b").contains(std::int64_t{5}), memory));
  EXPECT_FALSE(holds(metadata("a", "b", "0").eq(std::int64_t{5}), memory));
  EXPECT_TRUE(holds(metadata("n").is_null(), memory));
  EXPECT_TRUE(holds(metadata("n", "x").is_null(), memory));
  EXPECT_FALSE(holds(metadata("a").is_null(), memory));
}

TEST(FilterMatch, JsonIsComparedAsJsonbDoes) {
  EXPECT_TRUE(same_json("1", "1.00"));
  EXPECT_TRUE(same_json("100", "1e2"));
  EXPECT_TRUE(same_json("-0", "0.0"));
  EXPECT_TRUE(same_json(R"({"a": 1, "b": 2})", R"({"b": 2.0, "a": 9, "a": 1})"));
  EXPECT_TRUE(same_json(R"("\u00e4")", "\"\u00e4\""));
  EXPECT_FALSE(same_json("[1, 2]", "[2, 1]"));
  EXPECT_FALSE(same_json("1", "\"1\""));
  EXPECT_FALSE(same_json("0", "false"));
}

TEST(FilterMatch, ContainmentIsThatOfJsonb) {
  EXPECT_TRUE(json_holds(R"({"a": [1, {"b": 2, "c": 3}]})", R"({"a": [{"b": 2}]})"));
  EXPECT_TRUE(json_holds("[1, 2, 3]", "[3, 1, 1]"));
  EXPECT_TRUE(json_holds("[[1, 2]]", "[[1]]"));
  EXPECT_TRUE(json_holds("[]", "[]"));
  EXPECT_FALSE(json_holds(R"({"a": [1]})", R"({"a": 1})"));
  EXPECT_FALSE(json_holds("[[1, 2]]", "[1]"));
  EXPECT_FALSE(json_holds("[1]", "{}"));
}

TEST(FilterMatch, NumbersOfAnySizeAreOrdered) {
  EXPECT_TRUE(less("2", "10"));
  EXPECT_TRUE(less("-10", "-2"));
  EXPECT_TRUE(less("-1", "0.5"));
  EXPECT_TRUE(less("0.05", "0.5"));
  EXPECT_TRUE(less("0.5", "0.51"));
  EXPECT_TRUE(less("9e399", "1e400"));
  EXPECT_TRUE(less("-1e400", "1e-400"));
  EXPECT_FALSE(less("1.0", "1"));
}

TEST(ListOrder, EndsWithTheKeyInItsOwnDirection) {
  Memory older = with_metadata("{}");
  Memory newer = older;
  newer.id = Uuid::v7();
  const auto newest_first = list_order<Memory>(Filter(), {});
  EXPECT_TRUE(order_before(newest_first, newer, older));
  const auto by_kind =
      list_order<Memory>(Filter(), {.order_by = "kind", .descending = {}, .cursor = {}});
  EXPECT_TRUE(order_before(by_kind, older, newer));
}

TEST(ListOrder, ASeqNeedsNoKeyBehindItInOneConversation) {
  const auto fields = [](const Filter& filter) {
    return list_order<Message>(check_filter<Message>(filter), {}).fields.size();
  };
  EXPECT_EQ(fields(Filter()), 2U);
  EXPECT_EQ(fields(MessageFields::conversation_id.eq(Uuid::v7())), 1U);
}

}  // namespace
}  // namespace loci::storage
