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

-- Every word, and the last one as the beginning of a word; null without any.
create function title_query(words text) returns tsquery
language sql immutable parallel safe
set search_path from current
as $$ select (string_agg(quote_literal(word), ' & ') || ':*')::tsquery from unnest(split_words(words)) word $$;

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
