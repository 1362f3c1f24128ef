#include "sqlgen/parse_tree.hpp"

#include <gmock/gmock.h>
#include <string>

namespace loci::sqlgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ParseTree parsed(const std::string& sql) {
  auto tree = ParseTree::parse(sql);
  if (!tree) throw std::runtime_error(tree.error().message);
  return std::move(*tree);
}

std::string repeated(std::size_t times, std::string_view what) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += what;
  return text;
}

TEST(ParseTree, GivesTheStatementAndItsFields) {
  const ParseTree tree = parsed("select name from users; -- that is all");
  EXPECT_EQ(tree.statement().kind, "SelectStmt");
  const Json first = *tree.statement().fields["fromClause"].begin();
  EXPECT_EQ(node_of(first).kind, "RangeVar");
  EXPECT_EQ(node_of(first).fields["relname"].string_or(""), "users");
}

TEST(ParseTree, FindsNodesWhereverTheyStandInTheOrderOfTheText) {
  const std::string sql =
      "with x as (select $1) insert into t (a) select f(b) from u where b = $2 union select 1 "
      "returning (select max(c) from v)";
  const ParseTree tree = parsed(sql);
  const auto texts = [&](std::string_view kind) {
    std::vector<std::string> found;
    for (const Json fields : tree.find_all(kind))
      found.push_back(sql.substr(location_of(fields), 2));
    return found;
  };
  EXPECT_THAT(texts("ParamRef"), ElementsAre("$1", "$2"));
  EXPECT_THAT(texts("RangeVar"), ElementsAre("t ", "u ", "v)"));
  EXPECT_THAT(texts("FuncCall"), ElementsAre("f(", "ma"));
  EXPECT_THAT(texts("ColumnRef"), ElementsAre("b)", "b ", "c)"));
  EXPECT_EQ(tree.find_all("SelectStmt").size(), 5U);
  EXPECT_EQ(tree.find_all("WithClause").size(), 1U);
}

TEST(ParseTree, OutlivesAMove) {
  ParseTree tree = parsed("select 1");
  const ParseNode statement = tree.statement();
  const ParseTree moved = std::move(tree);
  EXPECT_EQ(statement.fields["targetList"].size(), 1U);
}

TEST(ParseTree, TellsWhatIsWrongAndWhere) {
  const auto fault = ParseTree::parse("select 'üü' from from");
  ASSERT_FALSE(fault);
  EXPECT_THAT(fault.error().message, HasSubstr("syntax error"));
  EXPECT_EQ(fault.error().position, 18) << "characters, not bytes";
}

TEST(ParseTree, RefusesWhatIsNotOneStatement) {
  using namespace std::string_literals;
  for (const std::string& sql : {""s, "select 1; select 2"s, "-- nothing"s, "select 1\0"s}) {
    EXPECT_FALSE(ParseTree::parse(sql)) << sql;
  }
}

TEST(ParseTree, RefusesHostileDepthAndTakesLongLists) {
  for (const std::string_view step : {"not ", "f(", "(", "- ", "case when ", "array["}) {
    EXPECT_FALSE(ParseTree::parse("select " + repeated(50'000, step) + "1")) << step;
  }
  EXPECT_FALSE(ParseTree::parse("select 1" + repeated(1'000'000, "+1")));
  EXPECT_FALSE(ParseTree::parse("select 1" + repeated(9'000, "+1"))) << "deeper than a document";
  EXPECT_FALSE(ParseTree::parse("select 1" + repeated(3'000, " union select 1")));
  EXPECT_TRUE(ParseTree::parse("select 1" + repeated(100, "+1")));
  EXPECT_TRUE(ParseTree::parse("select 1 where $1 in (1" + repeated(50'000, ",2") + ")"));
}

}  // namespace
}  // namespace loci::sqlgen
