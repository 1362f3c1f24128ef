#include "sqlgen/vet/statement_rules.hpp"

#include <gtest/gtest.h>

namespace loci::sqlgen {
namespace {

ParseTree parsed(const std::string& sql) {
  return ParseTree::parse(sql).value();
}

TEST(StatementRules, FindAStarWhereColumnsAreGiven) {
  for (const char* const sql :
       {"select * from t", "select t.* from t", "select a from (select * from t) s",
        "with c as (select * from t) select a from c", "delete from t where a = 1 returning *",
        "select a from t union all select * from u", "select a, t.* from t"}) {
    EXPECT_TRUE(selects_star(parsed(sql))) << sql;
  }
}

TEST(StatementRules, ForgiveAStarThatMeansNothing) {
  for (const char* const sql :
       {"select a from t", "select count(*) from t", "select a * b from t",
        "select a from t where exists (select * from u)", "select '*' from t"}) {
    EXPECT_FALSE(selects_star(parsed(sql))) << sql;
  }
}

TEST(StatementRules, FindAMissingWhere) {
  EXPECT_EQ(lacks_where(parsed("delete from t")), "DELETE without WHERE: every row of t");
  EXPECT_TRUE(lacks_where(parsed("update t set a = 1")));
  EXPECT_TRUE(lacks_where(parsed("with gone as (delete from t returning a) select a from gone")));
  EXPECT_TRUE(lacks_where(parsed("update t set a = u.a from u")));
}

TEST(StatementRules, ForgiveAWhereThatSaysAllRows) {
  EXPECT_FALSE(lacks_where(parsed("delete from t where true")));
  EXPECT_FALSE(lacks_where(parsed("update t set a = 1 where a = $1")));
  EXPECT_FALSE(lacks_where(parsed("insert into t values (1) on conflict (a) do update set b = 1")));
}

}  // namespace
}  // namespace loci::sqlgen
