#include "sqlgen/copy_statement.hpp"

#include <gmock/gmock.h>
#include <string>

namespace loci::sqlgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::expected<CopyStatement, NoCopy> read(const std::string& sql) {
  return copy_statement(schema::lex_sql(sql).tokens);
}

TEST(CopyStatement, IsTheInsertOfOneRowOfParameters) {
  const auto copy =
      read("INSERT into App.\"The Users\" -- all of them\n (Id, \"na\"\"me\") VALUES ($2, $1)");
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->sql, "copy App.\"The Users\" (Id, \"na\"\"me\") from stdin (format binary)");
  EXPECT_THAT(copy->parameters, ElementsAre(1, 0));
}

TEST(CopyStatement, WhatCopyCannotDoIsRefusedWhereItStands) {
  const auto refusal = [](const std::string& sql) {
    const auto copy = read(sql);
    EXPECT_FALSE(copy) << sql;
    return copy ? "" : copy.error().message + " at " + sql.substr(copy.error().offset);
  };
  EXPECT_THAT(refusal("select 1"), HasSubstr("all that COPY can do at select 1"));
  EXPECT_THAT(refusal("with a as (select 1) insert into t (a) values ($1)"),
              HasSubstr("at with a as"));
  EXPECT_THAT(refusal("insert into t values ($1)"), HasSubstr("name the columns"));
  EXPECT_THAT(refusal("insert into t (a) select $1"), HasSubstr("at select $1"));
  EXPECT_THAT(refusal("insert into t (a, b) values ($1, now())"),
              HasSubstr("every value must be a parameter, and nothing else at now()"));
  EXPECT_THAT(refusal("insert into t (a) values ($1::int)"), HasSubstr("at ::int)"));
  EXPECT_THAT(refusal("insert into t (a, b) values ($1, $1)"),
              HasSubstr("for one column only at $1)"));
  EXPECT_THAT(refusal("insert into t (a, b) values ($1)"), HasSubstr("a value for each column"));
  EXPECT_THAT(refusal("insert into t (a) values ($1), ($2)"), HasSubstr("at , ($2)"));
  EXPECT_THAT(refusal("insert into t (a) values ($1) on conflict do nothing"),
              HasSubstr("at on conflict"));
  EXPECT_THAT(refusal("insert into t (a) values ($1) returning a"), HasSubstr("at returning"));
  EXPECT_THAT(refusal("insert into t (a[1]) values ($1)"), HasSubstr("at [1]"));
  EXPECT_THAT(refusal("insert into t (a"), HasSubstr("the columns are names"));
  EXPECT_THAT(refusal(""), HasSubstr("all that COPY can do"));
}

}  // namespace
}  // namespace loci::sqlgen
