#include "sqlgen/lane.hpp"

#include "sqlgen/on_schema.hpp"

#include <string>
#include <string_view>

namespace loci::sqlgen {
namespace {

class LaneOf : public OnSchema<LaneOf> {
public:
  static constexpr std::string_view schema = R"(
create table t (id int primary key, a text, b int);
create sequence s;
create view calm as select id, upper(a) as a from t;
create view calm_too as select * from calm;
create view counting as select nextval('s') as n;
create view behind as select * from counting;
create materialized view kept as select nextval('s') as n;
create function pure(int) returns int language sql immutable as 'select $1';
create schema my;
create function my.lower(text) returns text language sql immutable as 'select $1';
)";

protected:
  static bool shared(const std::string& sql) {
    const auto tree = ServerTree::read(database()->describe(sql).tree);
    return tree && may_share_connection(*tree, catalog());
  }
};

TEST_F(LaneOf, PureReadsMayShareAConnection) {
  for (const std::string sql :
       {"select * from t where id = $1",
        "select count(*), max(b) over (partition by a) from t group by a, b",
        "with x (id) as (select 1), y as materialized (select 2) select * from x, y",
        "select substring(a from 1 for 2), a::varchar(10), cast(b as numeric(4, 2)) from t",
        "select * from unnest($1::uuid[]) with ordinality as i (id, n) where id = any ($2)",
        "select now(), random(), gen_random_uuid(), current_date", "values (1)", "table t",
        "select * from calm_too", "select * from kept", "select \"lower\"(a) from t",
        "select '[1,2]'::vector <-> $1", "select (select max(b) from t), exists (select from t)"}) {
    EXPECT_TRUE(shared(sql)) << sql;
  }
}

TEST_F(LaneOf, AnythingElseHasAConnectionToItself) {
  for (const std::string sql : {"insert into t values (1) returning id",
                                "update t set b = 1",
                                "delete from t",
                                "select * from t for update",
                                "select * from t for key share",
                                "select 1 from (select * from t for share) x",
                                "with x as (delete from t returning *) select * from x",
                                "select set_config('a', 'b', true)",
                                "select current_setting('a')",
                                "select nextval('s')",
                                "select pg_advisory_lock(1)",
                                "select pg_sleep(1)",
                                "select pg_backend_pid()",
                                "select my.lower(a) from t",
                                "select pure(1)",
                                "select * from counting",
                                "select * from behind",
                                "select 1 where exists (select nextval('s'))",
                                "select 1 from information_schema.tables",
                                "select * from t tablesample system (1)",
                                "explain select 1",
                                "listen x",
                                "begin",
                                "select query_to_xml('select 1', true, true, '')"}) {
    EXPECT_FALSE(shared(sql)) << sql;
  }
}

}  // namespace
}  // namespace loci::sqlgen
