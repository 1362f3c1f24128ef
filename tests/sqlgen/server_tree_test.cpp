#include "sqlgen/server_tree.hpp"

#include <gmock/gmock.h>
#include <string>

namespace loci::sqlgen {
namespace {

TEST(ServerTree, ReadsNodesListsAndWords) {
  auto read = ServerTree::read(
      R"((({QUERY :name a\ b\)c :label :x :none <> :yes true :numbers (i 1 -2) :bits (b))"
      R"( :words ("o" "x") :value {CONST :len 4 :bytes 4 [ 1 0 ] :last 7}})))");
  ASSERT_TRUE(read);
  const ServerTree tree = std::move(*read);
  const TreeValue& query = tree.query();
  EXPECT_TRUE(query.is("QUERY"));
  EXPECT_EQ(query["name"].text(), R"(a\ b\)c)");
  EXPECT_EQ(query["label"].text(), ":x");
  EXPECT_TRUE(query["none"].empty());
  EXPECT_TRUE(query["yes"].flag());
  ASSERT_EQ(query["numbers"].items().size(), 2U);
  EXPECT_EQ(query["numbers"].item(1).number(), -2);
  EXPECT_TRUE(query["bits"].empty());
  EXPECT_EQ(query["words"].items().size(), 2U);
  EXPECT_EQ(query["value"].text(), "{CONST :len 4 :bytes 4 [ 1 0 ] :last 7}");
  EXPECT_EQ(query["value"]["last"].number(), 7);
}

TEST(ServerTree, WhatIsNotThereIsNothing) {
  const auto tree = ServerTree::read("({QUERY :a 1})");
  ASSERT_TRUE(tree);
  const TreeValue& missing = tree->query()["b"]["c"].item(3);
  EXPECT_TRUE(missing.empty());
  EXPECT_EQ(missing.number(), 0);
  EXPECT_EQ(missing.label(), "");
}

TEST(ServerTree, RefusesWhatIsNoTree) {
  for (const std::string text : {"", "(", ")", "{", "{QUERY", "({QUERY :a (})", "word", "<>",
                                 "(())", "({OTHER :a 1})", "({QUERY :a 1} ", "{QUERY :a 1} x"}) {
    EXPECT_FALSE(ServerTree::read(text)) << text;
  }
  EXPECT_FALSE(ServerTree::read("({QUERY :a " + std::string(1'000'000, '(')));
  EXPECT_FALSE(
      ServerTree::read("({QUERY :a " + std::string(2'000, '(') + std::string(2'000, ')') + "})"));
}

}  // namespace
}  // namespace loci::sqlgen
