-- name: Plain :many
select s.id, s.bio from (select id, bio from authors) s;

-- name: Renamed :many
select s.x, s.y from (select id, bio from authors) s (x, y);

-- name: Nested :many
select o.n from (select i.n from (select upper(name) as n from authors) i) o;

-- name: WithLimit :many
select s.title from (select title from books order by pages limit 3) s;

-- name: Cte :many
with named as (select id, name, bio from authors) select id, name, bio from named;

-- name: CteWithColumnNames :many
with named (a, b) as (select id, bio from authors) select a, b from named;

-- name: CteOfCte :many
with one as (select id, name from authors), two as (select name, id from one where id > 1) select name, id from two;

-- name: CteJoinedOuter :many
with written as (select author_id, title from books)
select a.name, w.title from authors a left join written w on w.author_id = a.id;

-- name: CteShadowsTable :many
with books as (select 1 as id, null::text as title) select id, title from books;

-- name: CteUsedTwice :many
with x as (select id, name from authors)
select one.name as a, two.name as b from x one left join x two on two.id = one.id + 1;

-- name: NestedWith :many
with outermost as (with innermost as (select name from authors) select name from innermost) select name from outermost;

-- name: RecursiveCounter :many
with recursive t as (select 1 as n union all select n + 1 from t where n < 5) select n from t;

-- name: RecursivePath :many
with recursive up as (
  select id, boss_id, name::text as path from authors where boss_id is null
  union all
  select a.id, a.boss_id, up.path || '/' || a.name from authors a join up on a.boss_id = up.id)
select id, boss_id, path from up;

-- name: RecursiveNullableStep :many
with recursive chain (id, other) as (
  select id, id from authors
  union
  select c.id, a.boss_id from chain c join authors a on a.id = c.other)
select id, other from chain;

-- name: RecursiveOuterStep :many
with recursive walk (id, name, depth) as (
  select id, name, 0 from authors where boss_id is null
  union all
  select w.id, a.name, w.depth + 1 from walk w left join authors a on a.boss_id = w.id where w.depth < 2)
select id, name, depth from walk;

-- name: RecursiveSearch :many
with recursive t (id, boss_id) as (
  select id, boss_id from authors where boss_id is null
  union all
  select a.id, a.boss_id from authors a join t on a.boss_id = t.id)
select id, boss_id from t order by id;

-- name: MaterializedCte :many
with m as materialized (select id, name from authors) select m.name from m where id = @id;

-- name: DataModifyingCte :many
with gone as (delete from books where pages is null returning id, author_id, pages)
select gone.id, gone.pages, a.name from gone join authors a on a.id = gone.author_id;

-- name: DataModifyingCteOuter :many
with changed as (update books set title = upper(title) where id = @id returning id, title)
select a.name, c.title from authors a left join changed c on c.id = a.id;
