-- name: Values :many
select n, t from (values (1, 'a'), (2, 'b')) as v (n, t);

-- name: ValuesWithNull :many
select n, t from (values (1, 'a'), (2, null)) as v (n, t);

-- name: BareValues :many
values (1, 'a'), (2, 'b');

-- name: ValuesOuterJoined :many
select d.id, v.t from docs d left join (values (1, 'a')) as v (n, t) on v.n = d.id;

-- name: ValuesOfParameters :many
select v.k, v.t from (values (@k::int, sqlc.narg(t)::text)) as v (k, t);

-- name: Series :many
select n from generate_series(1, 5) as n;

-- name: SeriesWithOrdinality :many
select s.n, s.place from generate_series(@low::int, @high::int) with ordinality as s (n, place);

-- name: DaySeries :many
select day, count(d.id) as docs from generate_series(now(), now() + interval '2 days', '1 day') as day left join docs d on d.note = day::text group by day;

-- name: Unnested :many
select d.id, t.tag from docs d, unnest(d.tags) as t (tag);

-- name: UnnestedRejected :many
select d.id, t.tag from docs d, unnest(d.tags) as t (tag) where t.tag <> '';

-- name: JsonEach :many
select e.key, e.value from docs d, jsonb_each(case when jsonb_typeof(d.body) = 'object' then d.body else '{}' end) e;

-- name: JsonEachText :many
select e.key, e.value from docs d, jsonb_each_text(case when jsonb_typeof(d.body) = 'object' then d.body else '{}' end) e;

-- name: JsonKeys :many
select k from docs d, jsonb_object_keys(case when jsonb_typeof(d.body) = 'object' then d.body else '{}' end) k;

-- name: JsonRecords :many
select r.a, r.b from jsonb_to_recordset(@rows::jsonb) as r (a int, b text);

-- name: RowsFrom :many
select x, y from rows from (generate_series(1, @few::int), generate_series(1, @many::int)) as t (x, y);

-- name: TableFunction :many
select a, b from pairs();

-- name: SetOfTable :many
select id, note from docs_named(@note);

-- name: ScalarFunctionInFrom :many
select f from maybe_one() as f;

-- name: SplitToTable :many
select word from docs, regexp_split_to_table(coalesce(note, ''), ' ') as word;

-- name: UnnestPairs :many
select t.a, t.b from unnest(@ids::bigint[], @names::text[]) as t (a, b);

-- name: FieldsOfRows :many
select (p).a as a, (q).b as b, p is null as c from pairs where not (p is null);

-- name: WholeRows :many
select case when row((p).a, (p).b) is not null then (p).a else 0 end as a, case when not (row(id, (p).b) is null) then (p).b else '' end as b from pairs;
