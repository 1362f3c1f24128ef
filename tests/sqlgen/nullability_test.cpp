#include "sqlgen/nullability/nullability.hpp"

#include "sqlgen/on_schema.hpp"

#include <gmock/gmock.h>
#include <string>
#include <string_view>
#include <vector>

/// What is certain of queries' columns, asked of a server. In a row of `columns`, `x` may be NULL
/// and `!` never is. `$1` is never NULL, `$2` may be; elements of `$1` are not NULL, of `$2` may
/// be.
namespace loci::sqlgen {
namespace {

class Nullability : public OnSchema<Nullability> {
public:
  static constexpr std::string_view schema = R"(
create domain mail as text not null;
create table a (id int primary key, x int, name text not null, note text, doc jsonb not null, tags text[] not null,
                born timestamptz not null, mail mail);
create table b (id int primary key, a_id int not null references a, y int, title text not null);
create table c (id int primary key, b_id int not null);
create table parent (id int not null);
create table child () inherits (parent);
alter table child alter id drop not null;
create table made (id int not null, x int, twice int generated always as (id * 2) stored,
                   more int generated always as (x + 1) stored);
create view plain as select id, note from a;
create view outer_view as select a.id, b.title from a left join b on b.a_id = a.id;
create view on_view as select o.id, o.title, upper(o.title) as loud from outer_view o where o.title <> '';
create materialized view kept as select id, note from a;
create function mine(int) returns int language sql strict immutable as 'select null::int';
create function shout(text) returns text language sql immutable as 'select upper($1)';
create operator @@@ (procedure = mine, rightarg = int);
)";

protected:
  struct Case {
    std::string_view columns;
    std::string sql;
  };

  static std::string certain(const std::string& sql) {
    const StatementFacts facts = database()->describe(sql);
    const auto tree = ServerTree::read(facts.tree);
    if (!tree) return "no tree";
    std::string columns;
    for (const bool never : never_null_columns(*tree, catalog(), {{false, false}, {true, true}})) {
      columns += never ? '!' : 'x';
    }
    return columns;
  }
  static void check(const std::vector<Case>& cases) {
    for (const Case& one : cases) EXPECT_EQ(certain(one.sql), one.columns) << one.sql;
  }
};

TEST_F(Nullability, OfTables) {
  // A column of a NOT NULL domain may hold NULL: a scalar sub-select that is empty has the domain.
  check({{"!x!x!!!x", "select * from a"},
         {"!x", "select a.id, a.x from a as a (id)"},
         {"!!x", "select a, a.ctid, (a).x from a"},
         {"!x", "select twice, more from made"},
         {"x", "select id from parent"},
         {"!", "select id from only parent"},
         {"!x", "select * from plain"},
         {"xx", "select * from kept"},
         {"x", "select relname from pg_stat_user_tables"}});
}

TEST_F(Nullability, OfJoins) {
  check({{"!!", "select a.id, b.id from a join b on true"},
         {"!x", "select a.id, b.id from a left join b on true"},
         {"x!", "select a.id, b.id from a right join b on true"},
         {"xx", "select a.id, b.id from a full join b on true"},
         {"!xx",
          "select a.id, b.id, c.id from a left join (b join c on c.b_id = b.id) on b.a_id = a.id"},
         {"xx!", "select a.id, b.id, c.id from a left join b on true right join c on true"},
         {"!", "select id from a left join b using (id)"},
         {"!", "select id from a full join b using (id)"},
         {"xx", "select a.id, b.id from a full join b using (id)"},
         {"!x", "select id, title from a natural left join b"},
         {"!x!!", "select s.*, a.id, 1 from (select id, note from a) s, a"},
         {"!x",
          "select a.id, s.id from a left join lateral (select b.id from b where b.a_id = a.id) s "
          "on true"},
         {"x", "select b from a left join b on true"}});
}

TEST_F(Nullability, ByConditions) {
  check(
      {{"!", "select x from a where x is not null"},
       {"!", "select x from a where x = $1 and note > 'a'"},
       {"x", "select x from a where x = 1 or note = 'a'"},
       {"!", "select x from a where x = 1 or x > 5"},
       {"x", "select x from a where not (x is not null)"},
       {"!", "select x from a where not (x is null or note = 'a')"},
       {"!x", "select x, note from a where x in (1, 2)"},
       {"!", "select x from a where x not in (1, 2)"},
       {"x", "select x from a where x <> all (tags::int[])"},
       {"!", "select x from a where x = any (tags::int[])"},
       {"!", "select x from a where x in (select y from b)"},
       {"x", "select x from a where x not in (select y from b)"},
       {"!", "select x from a where exists (select from b where b.y = a.x)"},
       {"x", "select x from a where exists (select count(*) from b where b.y = a.x)"},
       {"!", "select x from a where (x = 1) is true"},
       {"x", "select x from a where (x = 1) is not true"},
       {"!", "select x from a where x is not distinct from 4"},
       {"x", "select x from a where x is distinct from 4"},
       {"x", "select x from a where coalesce(x, 1) = 1"},
       {"!", "select x from a where coalesce(x > 1, false)"},
       {"x", "select x from a where coalesce(x > 1, true)"},
       {"!!", "select a.x, b.y from a join b on a.x = b.y"},
       {"xx", "select a.x, b.y from a left join b on a.x = b.y"},
       {"!!!", "select a.x, b.y, b.title from a left join b on a.x = b.y where b.id > 0"},
       {"x!", "select a.id, b.id from a full join b on true where b.id > 0"},
       {"!!", "select a.id, b.id from a full join b on true where b.id > 0 and a.id > 0"},
       {"!!",
        "select b.id, c.id from a left join b on true left join c on c.b_id = b.id where c.id = 1"},
       {"!x", "select b.id, c.id from a left join b on true left join c on true where b.id = 1"},
       {"!", "select doc ->> 'k' from a where doc ->> 'k' is not null"},
       {"x", "select doc ->> 'k' from a where doc ->> 'j' is not null"},
       {"!", "select b.title from a left join b on true where b is not null"}});
}

TEST_F(Nullability, OfExpressions) {
  check(
      {{"!!x!", "select 1, 'a', null, true"},
       {"!x", "select $1::int, $2::int"},
       {"!x", "select id + 1, x + 1 from a"},
       {"x", "select mine(id) from a"},
       {"x", "select @@@ id from a"},
       {"x", "select shout(name) from a"},
       {"!!!", "select upper(name), length(name) * 2, name || 'x' from a"},
       {"xx", "select lower(r), upper(r) from (select int4range(1, 2) as r) s"},
       {"x!x", "select doc -> 'k', doc - 'k', tags[1] from a"},
       {"!x", "select substring(name, 2), substring(name from 'x') from a"},
       {"!x!", "select extract(year from born), extract(hour from born), born::date from a"},
       {"x!", "select to_char(born, 'YYYY'), to_char(id, '9') from a"},
       {"xx",
        "select born::time, '[(1,1),(2,2)]'::lseg # '[(1,0),(2,0)]'::lseg from a where false"},
       {"!x!", "select coalesce(x, $1), coalesce(x, $2), greatest(x, id) from a"},
       {"x!x",
        "select case when x > 1 then 1 end, case when x > 1 then 1 else 2 end, nullif(id, 1) from "
        "a"},
       {"!!",
        "select case when x is null then 0 else x end, case when x > 1 then x else 0 end from a"},
       {"!!!!x",
        "select x is null, x is distinct from 1, (x > 1) is true, exists (select 1), x > 1 from a"},
       {"!x!x",
        "select id in (1, 2), id in (1, null), id = any (array[1]), id = any (tags::int[]) from a"},
       {"!x", "select id = any ($1), id = any ($2) from a"},
       {"!x", "select id in (select id from b), id in (select y from b) from a"},
       {"x!!",
        "select (select id from b where id = 1), (select count(*) from b), (select 1) from a"},
       {"xx", "select (select max(id) from b), (select count(*) from b limit 0) from a"},
       {"!!!", "select array[x], array(select x), row(x, x) from a"},
       {"!!!x", "select now(), current_date, current_user, current_schema"},
       {"!x", "select $1::int is null, 'x'::text::int + $2"},
       {"!!", "select $1::mail, concat(note, x) from a"},
       {"!x", "select json_object('a': x), json_scalar(x) from a"}});
}

TEST_F(Nullability, OfAggregatesAndWindows) {
  check(
      {{"!xx", "select count(*), sum(id), array_agg(id) from a"},
       {"!!x!", "select count(x), sum(id), max(x), array_agg(x) from a group by name"},
       {"x", "select sum(id) filter (where x > 1) from a group by name"},
       {"!", "select max(x) from a group by name having max(x) > 1"},
       {"xx", "select sum(id), name from a group by rollup (name)"},
       {"x!", "select name, id from a group by id, rollup (name)"},
       {"xx!",
        "select upper(name), coalesce(note, ''), count(*) from a group by cube (name, "
        "coalesce(note, ''))"},
       {"x!", "select name, sum(id) from a group by grouping sets ((name), (note))"},
       {"x", "select sum(id) from a group by ()"},
       {"!!!x",
        "select row_number() over w, rank() over w, sum(id) over w, sum(x) over w from a window w "
        "as (order by x)"},
       {"xx!",
        "select lag(id) over w, lead(id, 1) over w, lag(id, 1, 0) over w from a window w as (order "
        "by x)"},
       {"x", "select sum(id) over (rows between 2 preceding and 1 preceding) from a"},
       {"!x",
        "select first_value(id) over w, nth_value(id, 2) over w from a window w as (order by x)"}});
}

TEST_F(Nullability, OfSetOperations) {
  check({{"!x", "select id, x from a union all select id, id from b"},
         {"x", "select id from a union select y from b union select 1"},
         {"!", "select x from a intersect select id from b"},
         {"!", "select id from a except select y from b"},
         {"!x", "values (1, null), (2, 3)"},
         {"!x", "select * from (values ($1::int, $2::int)) v"}});
}

TEST_F(Nullability, OfCommonTableExpressions) {
  check(
      {{"!x", "with s as (select id, x from a) select * from s"},
       {"!x",
        "with s as materialized (select id from a) select a.id, s.id from a left join s on true"},
       {"!!",
        "with recursive t (n, m) as (select 1, 2 union all select m, n from t) select * from t"},
       {"xx",
        "with recursive t (n, m) as (select 1, 2 union all select m, null from t) select * from t"},
       {"!!",
        "with recursive t (n, d) as (select id, 0 from a union all select b.id, d + 1 from t join "
        "b on b.a_id = t.n) select * from t"},
       {"!x", "with s as (insert into b values (1, 2, 3, 'x') returning id, y) select * from s"},
       {"!", "with s as (select 1 as one), t as (select * from s) select * from t"}});
}

TEST_F(Nullability, OfViewsAndFunctions) {
  check({{"!x", "select * from outer_view"},
         {"!!!", "select * from on_view"},
         {"!!", "select * from generate_series(1, 3) with ordinality"},
         {"!x", "select * from unnest($1::int[]) as u, unnest($2::int[]) as v"},
         {"xx", "select * from unnest($1::int[], $1::int[])"},
         {"!x", "select * from jsonb_each_text('{}')"},
         {"x", "select * from mine(1)"},
         {"!", "select generate_series(1, 2)"},
         {"xx", "select generate_series(1, 2), generate_series(1, 3)"}});
}

TEST_F(Nullability, OfWhatAWriteReturns) {
  check(
      {{"!x", "insert into b values (1, 2, $1, 'x') returning id, y"},
       {"x", "update b set y = null where y = 1 returning y"},
       {"!", "delete from b where y = 1 returning y"},
       {"!!x",
        "update b set y = 1 from a left join c on true where a.x = b.id returning b.id, a.x, c.id"},
       {"!!",
        "merge into b using a on b.id = a.id when matched then update set y = 1 returning b.id, "
        "a.id"},
       {"!x!",
        "merge into b using a on b.id = a.id when not matched by source then delete returning "
        "b.id, a.id, merge_action()"},
       {"x", "insert into plain values (1, 'x') returning note"},
       {"!x",
        "insert into b values (1, 1, 1, '') on conflict (id) do update set y = null returning id, "
        "y"}});
}

TEST_F(Nullability, OfWhatIsTooMuchNothingIsCertain) {
  std::string sql = "with c0 as (select id from a)";
  for (int i = 1; i <= 40; ++i) {
    const std::string before = "c" + std::to_string(i - 1);
    sql += ", c" + std::to_string(i) + " as (select p.id from " + before + " p, " + before + " q)";
  }
  EXPECT_EQ(certain(sql + " select id from c40"), "!") << "each is looked at once";
  EXPECT_EQ(certain("listen x"), "no tree");
}

}  // namespace
}  // namespace loci::sqlgen
