-- name: Elements :many
select tags[1] as a, notes[1] as b, tags[1:2] as c from docs;

-- name: Sizes :many
select cardinality(tags) as a, array_length(tags, 1) as b, cardinality(notes) as c, array_position(tags, 'x') as d from docs;

-- name: ArrayBuilders :many
select array[id] as a, array_append(tags, 'x') as b, array_append(notes, 'x') as c, tags || notes as d, array_remove(tags, 'x') as e from docs;

-- name: ArrayToText :many
select array_to_string(tags, ',') as a, array_to_string(notes, ',') as b, string_to_array('a,b', ',') as c from docs;

-- name: JsonMembers :many
select body -> 'a' as a, body ->> 'a' as b, body #> '{a,b}' as c, body #>> '{a}' as d, raw ->> 0 as e from docs;

-- name: JsonTests :many
select body ? 'a' as a, body @> '{"a": 1}' as b, extra @> '{}' as c, jsonb_typeof(body) as d from docs;

-- name: JsonBuilders :many
select jsonb_build_object('id', id, 'extra', extra) as a, json_build_array(extra) as b, to_jsonb(tags) as c, to_jsonb(notes) as d from docs;

-- name: JsonRows :many
select row_to_json(d) as a, to_jsonb(d) as b from docs d;

-- name: JsonConcatenation :many
select body || '{"x": 1}' as a, body || extra as b, body - 'a' as c, jsonb_set(body, '{a}', '1') as d from docs where jsonb_typeof(body) = 'object';

-- name: JsonPath :many
select jsonb_path_query_first(body, '$.a') as a, jsonb_path_exists(body, '$.a') as b, jsonb_path_query_array(body, '$.a') as c from docs;

-- name: ArrayOverlap :many
select id, tags && @some as common, notes && @some as other from docs;

-- name: JsonCast :many
select (body ->> 'n')::int as n, coalesce(body ->> 'a', 'none') as a, extra::text as t, body::text as b from docs where jsonb_typeof(body) = 'object';

-- name: UnnestInSelect :many
select id, unnest(tags) as tag, generate_series(1, 2) as n from docs;

-- name: ArrayParameterBack :one
select @list::text[] as list, array_length(@list::text[], 1) as size;

-- name: ElementsOutOfText :many
select unnest(@list::list::text::int[]) as a;

-- name: AnyOfText :one
select 1 = any(@list::list::text::int[]) as a;

-- name: CastElements :many
select unnest(array(select 'infinity'::timestamp)::time[]) as a, 1 = any(array(select 2::int8)::int[]) as b;

-- name: CastParameterElements :many
select unnest(@sizes::int[]::text[]) as a;

-- name: ElementsOfArrays :many
select unnest(array(select array['x', null])) as a;

-- name: ElementsOfRows :many
select unnest(array(select id from docs)) as a;

-- name: SilentJsonPath :many
select jsonb_path_exists('[1]', 'strict $.a', silent => true) as a, jsonb_path_exists(body, '$.a', vars => '{}') as b from docs;
