#include "schema/sql_lexer.hpp"

#include <loci/base/error.hpp>

#include <gmock/gmock.h>
#include <array>
#include <random>
#include <string>

namespace loci::schema {
namespace {

using Kind = SqlToken::Kind;
using testing::ElementsAre;
using testing::Pair;

/// The significant tokens of a text, as kind and text.
std::vector<std::pair<Kind, std::string>> tokens_of(std::string_view text) {
  std::vector<std::pair<Kind, std::string>> found;
  for (const SqlToken& token : lex_sql(text).tokens) {
    if (token.significant()) found.emplace_back(token.kind, std::string(token.text));
  }
  return found;
}

std::vector<std::string> statements_of(std::string_view text) {
  std::vector<std::string> found;
  for (const std::string_view statement : split_statements(text)) found.emplace_back(statement);
  return found;
}

TEST(SqlLexer, KnowsEveryKindOfString) {
  for (const std::string string :
       {"'it''s; -- no comment'", "E'a\\'b'", "e'\\\\'", "U&'d\\0061t'", "B'01'", "x'1F'", "N'n'",
        "$$a;'b$$", "$tag$ $$ $other$ $tag$", "$über$x$über$", "''"}) {
    EXPECT_THAT(tokens_of(string + ";"),
                ElementsAre(Pair(Kind::string, string), Pair(Kind::semicolon, ";")))
        << string;
  }
}

TEST(SqlLexer, ABackslashIsNothingSpecialInAPlainString) {
  EXPECT_THAT(tokens_of("'a\\' b"),
              ElementsAre(Pair(Kind::string, "'a\\'"), Pair(Kind::word, "b")));
}

TEST(SqlLexer, AStringGoesOnInTheNextLineUnderTheSameRules) {
  EXPECT_THAT(tokens_of("E'a' -- more\n 'b\\'c' d"),
              ElementsAre(Pair(Kind::string, "E'a' -- more\n 'b\\'c'"), Pair(Kind::word, "d")));
  EXPECT_THAT(tokens_of("'a' 'b'"),
              ElementsAre(Pair(Kind::string, "'a'"), Pair(Kind::string, "'b'")));
}

TEST(SqlLexer, NamesMayBeQuotedAndHoldDollars) {
  EXPECT_THAT(tokens_of("a$1 \"b\"\"c\" U&\"d\" ünï"),
              ElementsAre(Pair(Kind::word, "a$1"), Pair(Kind::quoted_word, "\"b\"\"c\""),
                          Pair(Kind::quoted_word, "U&\"d\""), Pair(Kind::word, "ünï")));
}

TEST(SqlLexer, CommentsNestAndAreNotSignificant) {
  EXPECT_THAT(tokens_of("a /* b /* c */ ; */ d -- e;\nf"),
              ElementsAre(Pair(Kind::word, "a"), Pair(Kind::word, "d"), Pair(Kind::word, "f")));
}

TEST(SqlLexer, NumbersInEveryBase) {
  for (const std::string number : {"1", "1_000", "1.5", ".5", "1.", "1e10", "1.5e-3", "0xFF_ff"}) {
    EXPECT_THAT(tokens_of(number), ElementsAre(Pair(Kind::number, number)));
  }
  EXPECT_THAT(tokens_of("1..2"), ElementsAre(Pair(Kind::number, "1"), Pair(Kind::symbol, ".."),
                                             Pair(Kind::number, "2")));
}

TEST(SqlLexer, OperatorsEndWherePostgresEndsThem) {
  EXPECT_THAT(tokens_of("a=-1"), ElementsAre(Pair(Kind::word, "a"), Pair(Kind::op, "="),
                                             Pair(Kind::op, "-"), Pair(Kind::number, "1")));
  EXPECT_THAT(tokens_of("a @- b"),
              ElementsAre(Pair(Kind::word, "a"), Pair(Kind::op, "@-"), Pair(Kind::word, "b")));
  EXPECT_THAT(tokens_of("a*/*c*/b"),
              ElementsAre(Pair(Kind::word, "a"), Pair(Kind::op, "*"), Pair(Kind::word, "b")));
  EXPECT_THAT(tokens_of("a<=>b::text"),
              ElementsAre(Pair(Kind::word, "a"), Pair(Kind::op, "<=>"), Pair(Kind::word, "b"),
                          Pair(Kind::symbol, "::"), Pair(Kind::word, "text")));
}

TEST(SqlLexer, AnAtSignBeginsAParameterUnlessItEndsAnOperator) {
  const auto parameter = Pair(Kind::named_parameter, "@x");
  const auto a = Pair(Kind::word, "a");
  EXPECT_THAT(tokens_of("a =@x"), ElementsAre(a, Pair(Kind::op, "="), parameter));
  EXPECT_THAT(tokens_of("a<->@x"), ElementsAre(a, Pair(Kind::op, "<->"), parameter));
  EXPECT_THAT(tokens_of("a=-@x"),
              ElementsAre(a, Pair(Kind::op, "="), Pair(Kind::op, "-"), parameter));
  EXPECT_THAT(tokens_of("a @>@x"), ElementsAre(a, Pair(Kind::op, "@>"), parameter));
  EXPECT_THAT(tokens_of("a <@@x"), ElementsAre(a, Pair(Kind::op, "<@"), parameter));
  EXPECT_THAT(tokens_of("a <@x"), ElementsAre(a, Pair(Kind::op, "<@"), Pair(Kind::word, "x")));
  EXPECT_THAT(tokens_of("a @@x"), ElementsAre(a, Pair(Kind::op, "@@"), Pair(Kind::word, "x")));
  EXPECT_THAT(tokens_of("a @? '$'"),
              ElementsAre(a, Pair(Kind::op, "@?"), Pair(Kind::string, "'$'")));
  EXPECT_THAT(tokens_of("@ x"), ElementsAre(Pair(Kind::op, "@"), Pair(Kind::word, "x")));
  EXPECT_THAT(tokens_of("$12"), ElementsAre(Pair(Kind::parameter, "$12")));
}

TEST(SqlLexer, SaysWhereAnUnclosedThingBegins) {
  const std::array<std::pair<std::string, std::string>, 5> cases = {{
      {"select\n  'abc", "2:3: unclosed string"},
      {"ü /* /* */", "1:3: unclosed comment"},
      {"\"abc", "1:1: unclosed quoted name"},
      {"a $x$ b $$", "1:3: unclosed dollar-quoted string"},
      {"E'\\", "1:1: unclosed string"},
  }};
  for (const auto& [text, message] : cases) {
    try {
      (void)split_statements(std::string_view(text));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid_input);
      EXPECT_STREQ(error.what(), message.c_str());
    }
  }
}

TEST(SplitStatements, CutsAtSemicolonsAndDropsWhatIsEmpty) {
  EXPECT_THAT(statements_of(";; select ';' ; -- one;\n /* ; */ select $$;$$\n;"),
              ElementsAre("select ';'", "select $$;$$"));
  EXPECT_THAT(statements_of("create rule r as on insert to t do (select 1; select 2); select 3"),
              ElementsAre("create rule r as on insert to t do (select 1; select 2)", "select 3"));
  EXPECT_THAT(statements_of("-- nothing"), ElementsAre());
}

TEST(SplitStatements, KeepsABodyOfBeginAtomicTogether) {
  const std::string function =
      "create or replace function f(a int) returns int language sql begin atomic\n"
      "  select 1; select case when a > 0 then 1 else case a when 0 then 2 end end; end";
  EXPECT_THAT(statements_of(function + "; select 2;"), ElementsAre(function, "select 2"));
  EXPECT_THAT(statements_of("begin; select 1; end;"), ElementsAre("begin", "select 1", "end"));
}

TEST(PositionAt, CountsCharactersFromOne) {
  EXPECT_EQ(position_at("aü\nbc", 0), (TextPosition{1, 1}));
  EXPECT_EQ(position_at("aü\nbc", 3), (TextPosition{1, 3}));
  EXPECT_EQ(position_at("aü\nbc", 5), (TextPosition{2, 2}));
}

/// Whatever the bytes: the tokens are the text again, in order, and none is empty.
TEST(SqlLexer, TokensAreTheTextAgainForAnyBytes) {
  constexpr std::array<std::string_view, 40> pieces = {
      "'",  "\"", "$",  "$$",   "$a$", "E'", "U&'",    "--",       "/*",    "*/",
      "\n", ";",  "(",  ")",    "@",   "@a", "<@",     ":",        "::",    "..",
      ".",  "1",  "0x", "1e",   "e",   "\\", "\xff",   "ü",        " ",     "a",
      "-",  "+",  "=",  "u&\"", "b'",  "{",  "create", "function", "begin", "atomic"};
  std::mt19937 random(20240607);
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (auto length = random() % 12; length > 0; --length) {
      const auto pick = random() % (pieces.size() + 4);
      if (pick < pieces.size()) {
        text += pieces[pick];
      } else {
        text += static_cast<char>(random() % 256);
      }
    }
    const LexedSql lexed = lex_sql(text);
    std::size_t end = 0;
    for (const SqlToken& token : lexed.tokens) {
      ASSERT_EQ(token.begin, end) << text;
      ASSERT_FALSE(token.text.empty()) << text;
      end = token.end();
    }
    ASSERT_EQ(end, text.size()) << text;
    ASSERT_TRUE(!lexed.fault || lexed.fault->offset < text.size()) << text;
    (void)split_statements(std::span(lexed.tokens));
  }
}

}  // namespace
}  // namespace loci::schema
