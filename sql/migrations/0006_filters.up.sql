-- What lists by filter need beside plain indexes: ids by metadata and by title, and the key that signs cursors.
--
-- Under row level security `@>` of jsonb and `@@` lose their GIN indexes, for the operators are not leakproof.
-- As the search does, these functions run as loci_search, take the tenant as an argument, and refuse any
-- tenant but the session's.

do $$
begin
  execute format('grant create on schema %I to loci_search', current_schema());
  perform set_config('search_path',
    (select string_agg(distinct quote_ident(n), ', ')
       from unnest(array[current_schema()::text,
                         (select extnamespace::regnamespace::text from pg_extension
                           where extname = 'vector')]) n where n is not null) || ', pg_temp', true);
end
$$;

grant select on memories to loci_search;
create policy search on memories for select to loci_search using (true);

-- The ids of the rows whose metadata holds `document`, deleted ones too: all of them, or `most` when there are
-- more. Through the GIN index and nothing else: whoever asks has the other ways by himself, and the planner,
-- which knows little of jsonb, would take one of them for the sake of the limit.
create function conversations_with(tenant uuid, document jsonb, most integer) returns setof uuid
language plpgsql stable security definer
set search_path from current
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_indexscan = off
set enable_indexonlyscan = off
as $$
begin
  perform guard_search(tenant);
  return query select c.id from conversations c
                where c.tenant_id = tenant and c.metadata @> document and c.metadata <> '{}' limit most;
end
$$;

create function messages_with(tenant uuid, document jsonb, most integer) returns setof uuid
language plpgsql stable security definer
set search_path from current
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_indexscan = off
set enable_indexonlyscan = off
as $$
begin
  perform guard_search(tenant);
  return query select m.id from messages m
                where m.tenant_id = tenant and m.metadata @> document and m.metadata <> '{}' limit most;
end
$$;

create function memories_with(tenant uuid, document jsonb, most integer) returns setof uuid
language plpgsql stable security definer
set search_path from current
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_indexscan = off
set enable_indexonlyscan = off
as $$
begin
  perform guard_search(tenant);
  return query select m.id from memories m
                where m.tenant_id = tenant and m.metadata @> document and m.metadata <> '{}' limit most;
end
$$;

-- A text's words in order: runs of letters and digits, in lower case, whatever the database's locale. The text
-- search parser is of no use here: it takes main.cpp for a host, and finds neither of its words. A word ends at
-- 500 characters, since a lexeme ends at 2,046 bytes.
create function split_words(words text) returns text[]
language sql immutable parallel safe
as $$
  select array(select left(word, 500)
                 from regexp_split_to_table(lower(words collate "pg_c_utf8"), '[^[:alnum:]]+' collate "pg_c_utf8")
                      with ordinality as w (word, place)
                where word <> ''
                order by place)
$$;

create function title_words(title text) returns tsvector
language sql immutable parallel safe
set search_path from current
as $$ select array_to_tsvector(split_words(title)) $$;

-- Every word, and the last one as the beginning of a word; null without any.
create function title_query(words text) returns tsquery
language sql immutable parallel safe
set search_path from current
as $$ select (string_agg(quote_literal(word), ' & ') || ':*')::tsquery from unnest(split_words(words)) word $$;

create index conversations_title on conversations using gin (title_words(title));

-- The conversations whose titles hold every word of `words`, the last one perhaps only begun; most recently
-- changed first, deleted ones left out.
create function conversations_titled(tenant uuid, words text, only_user text, most integer) returns setof uuid
language plpgsql stable security definer
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
declare
  query constant tsquery := title_query(left(words, 1000));
begin
  perform guard_search(tenant);
  return query select c.id from conversations c
                where c.tenant_id = tenant and c.deleted_at is null and title_words(c.title) @@ query
                  and (only_user is null or c.user_id = only_user)
                order by c.updated_at desc, c.id desc limit most;
end
$$;

revoke all on function conversations_with, messages_with, memories_with, conversations_titled from public;
do $$
declare
  asker constant name := current_user;
begin
  alter function conversations_with owner to loci_search;
  alter function messages_with owner to loci_search;
  alter function memories_with owner to loci_search;
  alter function conversations_titled owner to loci_search;
  execute format('revoke create on schema %I from loci_search', current_schema());
  -- Only now: a change of owner hands the old owner's rights to the new one.
  set local role loci_search;
  execute format('grant execute on function conversations_with, messages_with, memories_with, '
                 'conversations_titled to %I', asker);
  reset role;
end
$$;

-- Keys of this database, the same for every process that serves it.
create table loci_secrets (
  name  text  primary key,
  value bytea not null
);
comment on table loci_secrets is 'Of no tenant. cursor: signs the cursors of lists.';
insert into loci_secrets values ('cursor', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- Times of executions come in order, or nearly: a BRIN of a few pages finds a span of them, and unlike a B-tree
-- does not slow down each change of status.
create index tool_executions_started on tool_executions using brin (started_at) with (pages_per_range = 16);

-- When a memory held. A GiST index of tstzrange(valid_from, valid_to) would serve nobody: the operators of ranges are
-- not leakproof, so row level security hides it. Most memories have no end, and are not in here.
create index memories_ended on memories (tenant_id, valid_to, valid_from) where valid_to is not null;
