-- name: CoalesceWithLiteral :many
select coalesce(note, '') as note, coalesce(a, b, 0) as n from items;

-- name: CoalesceOfNullables :many
select coalesce(a, b) as n, coalesce(note, null) as t from items;

-- name: CoalesceWithColumn :many
select coalesce(note, name) as shown, coalesce(name, note) as first from items;

-- name: CoalesceWithExpression :many
select coalesce(note, upper(name) || '!') as shown, coalesce(a, length(note)) as n from items;

-- name: CoalesceWithParameter :many
select coalesce(note, @fallback) as shown, coalesce(note, sqlc.narg(other)) as maybe from items;

-- name: CaseWithElse :many
select case when a > 1 then 'big' else 'small' end as size, case a when 1 then name else note end as mixed from items;

-- name: CaseWithoutElse :many
select case when a > 1 then 'big' end as size from items;

-- name: CaseWithNullBranch :many
select case when id > 1 then name when id > 0 then null else 'x' end as t, case when id > 1 then a else 0 end as n from items;

-- name: CaseAllColumnsNotNull :many
select case when price > 3 then name when price > 2 then upper(name) else id::text end as t from items;

-- name: Nullif :many
select nullif(name, '') as t, coalesce(nullif(name, ''), 'none') as shown, nullif(id, 0) + 1 as n from items;

-- name: GreatestOfAnyNotNull :many
select greatest(a, 0) as g, least(a, b) as l, greatest(price, 1) as p, least(a, b, 7) as m from items;

-- name: NestedConditionals :many
select coalesce(case when a > 1 then note end, name) as t, case when a is null then coalesce(b, 0) else 1 end as n from items;

-- name: BooleanOfNullables :many
select coalesce(a > b, false) as sure, (a > b) is true as also, a > b as maybe from items;

-- name: CoalesceOfSubquery :many
select coalesce((select max(i.a) from items i), 0) as top, coalesce((select i.name from items i where i.id = @id), 'none') as named from items;

-- name: CaseOverOuterJoin :many
select case when o.id is null then 'none' else 'some' end as t, coalesce(o.name, i.name) as name
  from items i left join items o on o.id = i.id + 1;
