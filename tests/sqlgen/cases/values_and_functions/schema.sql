create table docs (id bigint primary key, tags text[] not null, body jsonb not null, note text);
create function pairs() returns table (a int, b text) language sql as $$ values (1, 'x'), (null, null) $$;
create function docs_named(text) returns setof docs language sql stable as $$ select null::bigint, tags, body, null::text from docs where note = $1 $$;
create function maybe_one() returns int language sql as $$ select 1 where false $$;
create type pair as (a int, b text);
create table pairs (id int primary key, p pair, q pair not null);
