#include "sqlgen/query_text.hpp"

#include <gmock/gmock.h>
#include <random>

namespace loci::sqlgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A file parsed, with its faults as lines.
struct Parsed {
  explicit Parsed(std::string text) : source{"q.sql", "q.sql", std::move(text)} {
    queries = parse_queries(source, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) faults.push_back(to_line(diagnostic));
  }
  SourceFile source;
  Diagnostics diagnostics;
  std::vector<QueryText> queries;
  std::vector<std::string> faults;
};

TEST(QueryText, FindsNamesCommandsAndSql) {
  const Parsed parsed("-- name: A :one\nselect 1;\n-- name:  B  :execrows \ndelete from t\n");
  ASSERT_THAT(parsed.faults, IsEmpty());
  ASSERT_EQ(parsed.queries.size(), 2u);
  EXPECT_EQ(parsed.queries[0].name, "A");
  EXPECT_EQ(parsed.queries[0].command, Command::one);
  EXPECT_EQ(parsed.queries[0].tokens.back().text, "1");
  EXPECT_EQ(parsed.queries[1].command, Command::execrows);
  EXPECT_EQ(parsed.queries[1].tokens.front().text, "delete");
}

TEST(QueryText, CommentsAroundTheNameAreItsDocumentation) {
  const Parsed parsed(
      "-- About the whole file.\n"
      "\n"
      "-- First line,\n"
      "-- second @line.\n"
      "-- name: A :one\n"
      "-- Third.\n"
      "/* Fourth.\n"
      " * Fifth. */\n"
      "select 1; -- of the statement\n"
      "-- For B.\n"
      "/* name: B :many */\n"
      "select /* inside */ 2;\n");
  ASSERT_THAT(parsed.faults, IsEmpty());
  ASSERT_EQ(parsed.queries.size(), 2u);
  EXPECT_THAT(parsed.queries[0].doc,
              ElementsAre("First line,", "second @line.", "Third.", "Fourth.", "Fifth."));
  EXPECT_THAT(parsed.queries[1].doc, ElementsAre("For B."));
}

TEST(QueryText, NullableElementsAreAnOptionAndNoDocumentation) {
  const Parsed parsed("-- name: A :exec\n-- nullable elements: a, b_2\n-- Doc.\nselect 1");
  EXPECT_THAT(parsed.queries.at(0).nullable_elements, ElementsAre("a", "b_2"));
  EXPECT_THAT(parsed.queries.at(0).doc, ElementsAre("Doc."));
}

TEST(QueryText, ReportsEveryFaultWithItsPlace) {
  const Parsed parsed(
      "select 0;\n"
      "-- name: low-er :one\nselect 1;\n"
      "-- name: A\nselect 1;\n"
      "-- name: B :copyto\ninsert into t values (1);\n"
      "-- name: C :one\n"
      "-- name: D :one\nselect 1; select 2;\n"
      "  -- name: Uuid :one\nselect 1;\n");
  EXPECT_THAT(parsed.queries, IsEmpty());
  EXPECT_THAT(
      parsed.faults,
      ElementsAre(HasSubstr("q.sql:1:1: SQL before the first query"),
                  HasSubstr("q.sql:2:1: the query name `low-er`"),
                  HasSubstr("q.sql:4:1: expected `-- name: GetUser :one`"),
                  HasSubstr("q.sql:6:1: B: `:copyto` is no command; :one, :many, "),
                  "q.sql:8:1: C has no SQL", HasSubstr("q.sql:10:11: D holds several statements"),
                  HasSubstr("q.sql:11:3: the query name `Uuid` is a type")));
}

TEST(QueryText, AnUnclosedStringIsOneFault) {
  const Parsed parsed("-- name: A :one\nselect 'x;\n-- name: B :one\nselect 1;");
  EXPECT_THAT(parsed.faults, ElementsAre("q.sql:2:8: unclosed string"));
}

TEST(QueryText, SurvivesAnyText) {
  const std::vector<std::string> pieces = {"--", " name:", " A",     " :one",
                                           "\n", ";",      "select", "/*",
                                           "*/", " * ",    "'",      "nullable elements:",
                                           ",",  " x ",    "--\n",   "/**/",
                                           "$$", "(",      ")"};
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto length = random() % 16; length > 0; --length)
      text += pieces[random() % pieces.size()];
    const Parsed parsed(text);
    for (const QueryText& query : parsed.queries) ASSERT_FALSE(query.tokens.empty()) << text;
  }
}

}  // namespace
}  // namespace loci::sqlgen
