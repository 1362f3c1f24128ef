#include "sqlgen/statement_shape.hpp"

#include "sqlgen/fake_database.hpp"

#include <gmock/gmock.h>
#include <string>

namespace loci::sqlgen {
namespace {

using testing::ElementsAre;

StatementShape shape(std::string_view sql) {
  return StatementShape(schema::lex_sql(sql).tokens);
}

TEST(StatementShape, OnlyASimpleSelectKeepsNotNull) {
  for (const auto* sql : {"select id from a join b using (id)", "select left(x, 3) from a",
                          "insert into t values (1)"}) {
    EXPECT_TRUE(shape(sql).keeps_not_null()) << sql;
  }
  for (const auto* sql :
       {"select id from a LEFT JOIN b using (id)", "select id from a full outer join b using (id)",
        "select id from a right /* x */ join b on true", "select id from a union all select 1",
        "select id from a except select 1", "select id from a group by grouping sets ((id), ())",
        "select id from a group by rollup (id)",
        "merge into a using b on a.id = b.id when matched then delete returning b.id",
        "select id from (select 1 as id intersect select 2) x"}) {
    EXPECT_FALSE(shape(sql).keeps_not_null()) << sql;
  }
}

TEST(StatementShape, PureReadsMayShareAConnection) {
  for (const auto* sql :
       {"select * from t where id = $1", "select count(*), max(a) over (partition by b) from t",
        "with x (id) as (select 1), y as materialized (select 2) select * from x, y",
        "select substring(a from 1 for 2), a::varchar(10), cast(b as numeric(4, 2)) from t",
        "select * from unnest($1::uuid[]) with ordinality as i (id, n) where id = any ($2)",
        "select pg_catalog.lower(a), exists (select 1) from t order by a limit (1)"}) {
    EXPECT_TRUE(shape(sql).may_share_connection(shop_catalog())) << sql;
  }
}

TEST(StatementShape, AnythingElseIsExclusive) {
  for (const auto* sql : {"insert into t values (1) returning id",
                          "select * from t for update",
                          "select * from t for no key update",
                          "select * from t for key share",
                          "select 1 into t",
                          "with x as (delete from t returning *) select * from x",
                          "select set_config('a', 'b', true)",
                          "select nextval('s')",
                          "select pg_advisory_lock(1)",
                          "select my.lower(a) from t",
                          "select \"lower\"(a) from t",
                          "select * from search_messages($1)",
                          "values (1)",
                          "table t",
                          "listen x",
                          "select * from recent_orders",
                          "select * from Shop.\"recent_orders\"",
                          "select 1 from information_schema.tables",
                          "begin",
                          "",
                          "explain select 1",
                          "with x as (select 1) update t set a = 1"}) {
    EXPECT_FALSE(shape(sql).may_share_connection(shop_catalog())) << sql;
  }
}

TEST(StatementShape, CountExistsCoalesceAndLiteralsAreNeverNull) {
  EXPECT_THAT(
      shape("with x as (select 1) select all count(*), count(a) filter (where b) as n, exists "
            "(select 1) e,"
            " not exists (select 1), coalesce(max(f(a, b)), 0) as m, 'text' \"T\", true, 1.5 as f"
            " from t left join x on true")
          .never_null(8),
      ElementsAre(true, true, true, true, true, true, true, true));
}

TEST(StatementShape, EverythingElseMayBeNull) {
  EXPECT_THAT(shape("select max(a), coalesce(a, b), null, count(*) / $1, a, -1").never_null(6),
              ElementsAre(false, false, false, false, false, false));
  EXPECT_THAT(shape("select t.*, count(*) from t").never_null(2), ElementsAre(false, false));
  EXPECT_THAT(shape("select count(*) union select null").never_null(1), ElementsAre(false));
  EXPECT_THAT(shape("select distinct on (a) count(*)").never_null(1), ElementsAre(false));
  EXPECT_THAT(shape("insert into t select count(*) from u returning a").never_null(1),
              ElementsAre(false));
  EXPECT_THAT(shape("select a is distinct from b, count(*) from t").never_null(2),
              ElementsAre(false, false));
}

}  // namespace
}  // namespace loci::sqlgen
