-- name: CrossLateral :many
select a.name, l.title, l.pages from authors a
  cross join lateral (select title, pages from books b where b.author_id = a.id limit 1) l;

-- name: CommaLateral :many
select a.name, l.title from authors a, lateral (select b.title from books b where b.author_id = a.id) l;

-- name: LeftLateral :many
select a.name, l.title from authors a
  left join lateral (select b.title from books b where b.author_id = a.id order by b.id limit 1) l on true;

-- name: LeftLateralAggregate :many
select a.name, l.n, l.longest from authors a
  cross join lateral (select count(*) as n, max(b.pages) as longest from books b where b.author_id = a.id) l;

-- name: LateralUsesNullableSide :many
select b.title, l.twice from authors a
  left join books b on b.author_id = a.id
  cross join lateral (select b.pages * 2 as twice, b.id as same) l;

-- name: LateralOfNotNull :many
select l.loud from authors a cross join lateral (select upper(a.name) as loud) l;

-- name: LateralFunction :many
select a.name, t.tag, t.place from authors a cross join lateral unnest(a.tags) with ordinality as t (tag, place);

-- name: LeftLateralFunction :many
select a.name, t.place from authors a left join unnest(a.tags) with ordinality as t (tag, place) on true;

-- name: LateralNested :many
select x.name, y.title from authors a
  cross join lateral (select a.name) x
  left join lateral (select b.title from books b where b.author_id = a.id) y on true;
