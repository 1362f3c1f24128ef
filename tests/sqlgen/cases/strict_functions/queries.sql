-- name: Arithmetic :many
select id + 1 as next, amount * 2 as twice, size - 1 as less, -id as negative, amount * size as product from things;

-- name: TextFunctions :many
select upper(name) as a, lower(note) as b, length(name) as c, trim(name) as d, substring(name, 1, 2) as e,
       replace(name, 'a', 'b') as f, left(name, 2) as g, lpad(note, 9) as h from things;

-- name: Concatenation :many
select name || '!' as a, name || note as b, concat(name, note) as c, concat(note) as d, concat_ws(', ', note, name) as e from things;

-- name: Casts :many
select id::text as a, size::text as b, cast(amount as int) as c, name::varchar(3) as d from things;

-- name: Comparisons :many
select id > 1 as a, size > 1 as b, name = 'x' as c, note like 'x%' as d, name between 'a' and 'b' as e, size in (1, 2) as f from things;

-- name: NullTests :many
select note is null as a, note is not null as b, size is distinct from 3 as c, maybe is true as d, maybe is unknown as e from things;

-- name: Logic :many
select flag and id > 1 as a, flag and maybe as b, flag or maybe as c, not flag as d, not maybe as e from things;

-- name: Clock :many
select now() as a, current_timestamp as b, current_date as c, clock_timestamp() as d, localtimestamp as e from things;

-- name: Session :one
select current_user as a, current_setting('server_version') as b, current_setting('no.such', true) as c, current_database() as d;

-- name: DateParts :many
select date_trunc('day', made) as a, made + interval '1 day' as b, gone - made as c, made::date as d, made at time zone 'utc' as e from things;

-- name: DatePartOfInfinity :many
select extract(hour from made) as a, date_part('minute', made) as b, to_char(made, 'YYYY') as c from things;

-- name: RangeBounds :many
select lower(span) as a, upper(span) as b, isempty(span) as c, span @> 3 as d from things;

-- name: RegexSubstring :many
select substring(name from '[0-9]+') as a, regexp_replace(name, 'a', 'b') as b, regexp_match(name, 'a') as c, split_part(name, 'a', 2) as d from things;

-- name: OwnFunctions :many
select hidden(id::int) as a, twice(size) as b from things;

-- name: Generators :one
select gen_random_uuid() as a, random() as b, pi() as c;

-- name: MathFunctions :many
select abs(id) as a, round(amount, 2) as b, floor(amount) as c, mod(size, 2) as d, power(2, 3) as e, sign(amount) as f from things;

-- name: Formatting :many
select format('%s-%s', name, note) as a, quote_literal(name) as b, quote_nullable(note) as c, md5(name) as d, chr(65) as e from things;

-- name: Literals :one
select 1 as a, 'x' as b, true as c, null as d, 1.5 as e, null::int as f, interval '1 hour' as g, date '2024-01-01' as h;

-- name: ParameterAsColumn :one
select @given::text as given, sqlc.narg(maybe)::text as maybe, @n::int + 1 as next, upper(sqlc.narg(maybe)) as loud;

-- name: AnyAndAll :many
select id = any(array[1, 2]) as a, size = any(array[1, 2]) as b, id <> all(array[1, 2]) as c from things;

-- name: Collations :many
select name collate "C" as a, note collate "C" as b, (name) as c from things;
