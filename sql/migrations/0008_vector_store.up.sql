-- The indexes that serve vectors, and the search of vectors alone.

-- An index that serves, or is to serve, a model's vectors. A model without a serving one is searched exactly.
create table vector_indexes (
  id          integer          generated always as identity primary key,
  model_id    integer          not null references embedding_models (id) on delete cascade,
  name        text             not null unique,
  kind        text             not null check (kind in ('hnsw', 'ivfflat')),
  storage     text             not null check (storage in ('vector', 'halfvec', 'bit')),
  settings    jsonb            not null default '{}' check (jsonb_typeof(settings) = 'object'),
  effort      integer          not null check (effort > 0),
  candidates  integer          not null default 1 check (candidates > 0),
  status      text             not null default 'building' check (status in ('building', 'serving', 'retired')),
  recall      double precision check (recall between 0 and 1),
  created_at  timestamptz      not null default now(),
  measured_at timestamptz
);

comment on column vector_indexes.effort is 'hnsw.ef_search or ivfflat.probes of a search.';
comment on column vector_indexes.candidates is 'How many an index brings for each result, to be ranked by their own vectors.';

create unique index vector_indexes_serving on vector_indexes (model_id) where status = 'serving';

-- As in the search of messages, the functions run as the role loci_search, take the tenant as an argument, refuse
-- any but the session's, and see this schema, pgvector's, and nothing else.
do $$
begin
  execute format('grant create on schema %I to loci_search', current_schema());
  perform set_config('search_path',
    (select string_agg(distinct quote_ident(n), ', ')
       from unnest(array[current_schema()::text,
                         (select extnamespace::regnamespace::text from pg_extension
                           where extname = 'vector')]) n where n is not null) || ', pg_temp', true);
  perform '[1]'::vector;  -- from here on its settings are known
end
$$;

grant select on vector_indexes to loci_search;

-- What is looked for; a null does not filter. `only_way` is 'exact', 'index', or 'auto', which takes what costs less.
create type similar_query as (
  tenant            uuid,
  model_id          integer,
  vector            vector,
  max_results       integer,
  only_content      text,
  only_user         text,
  only_since        timestamptz,
  only_until        timestamptz,
  only_conversation uuid,
  only_metadata     jsonb,
  min_similarity    double precision,
  only_way          text,
  only_effort       integer
);

-- How: the statement, whose only parameter is the query, and what it was decided by, in words.
create type similar_plan as (
  sql        text,
  index_name text,  -- null: nothing goes through an index
  effort     integer,
  reason     text
);

create type similar_found as (
  content_types text[],
  content_ids   uuid[],
  chunks        integer[],
  similarities  double precision[],
  complete      boolean  -- every index brought as many as it was asked for
);

-- `embedding` as an index of that storage has it: a search has to say the same to be served by it.
create function indexed_vector(embedding text, storage text, dimensions integer) returns text
language sql immutable parallel safe
set search_path from current
as $$
  select case storage
           when 'vector'  then format('(%s::vector(%s))', embedding, dimensions)
           when 'halfvec' then format('(%s::halfvec(%s))', embedding, dimensions)
           when 'bit'     then format('(binary_quantize(%s)::bit(%s))', embedding, dimensions)
         end
$$;

create function distance_operator(metric text) returns text
language sql immutable parallel safe
set search_path from current
as $$ select case metric when 'cosine' then '<=>' when 'inner_product' then '<#>' when 'l2' then '<->' end $$;

-- Where the vectors of one kind of text are, and which of them count.
create function similar_scope(query similar_query, content text) returns text
language sql immutable
set search_path from current
as $$
  select case content
           when 'message' then
             'embeddings e join messages t on t.tenant_id = e.tenant_id and t.id = e.content_id '
             'join conversations o on o.tenant_id = t.tenant_id and o.id = t.conversation_id'
           else
             'embeddings e join memories t on t.tenant_id = e.tenant_id and t.id = e.content_id'
         end
         || format(' where e.tenant_id = ($1).tenant and e.model_id = %s and e.content_type = %L',
                   query.model_id, content)
         || case content when 'message' then ' and o.deleted_at is null' else ' and t.deleted_at is null' end
         || case when query.only_user is null then ''
                 when content = 'message' then ' and o.user_id = ($1).only_user'
                 else ' and t.user_id = ($1).only_user' end
         || case when query.only_since is null then '' else ' and t.created_at >= ($1).only_since' end
         || case when query.only_until is null then '' else ' and t.created_at < ($1).only_until' end
         || case when query.only_conversation is null then ''
                 else ' and t.conversation_id = ($1).only_conversation' end
         || case when query.only_metadata is null then '' else ' and e.metadata @> ($1).only_metadata' end
$$;

-- The statement: of each scope those that are near, `arms`, and of them the best, by the distances of their vectors
-- themselves, which an index only approximates.
create function similar_sql(metric text, arms text[], complete text[]) returns text
language sql immutable
set search_path from current
as $$
  select format(
    'with near as materialized (%s), '
    'measured as (select content_type, content_id, chunk, embedding %s ($1).vector as distance from near), '
    'ranked as (select *, %s as similarity from measured), '
    'best as (select *, row_number() over (order by distance, content_type, content_id, chunk) as place '
               'from ranked where similarity >= ($1).min_similarity '
              'order by distance, content_type, content_id, chunk limit ($1).max_results) '
    'select array_agg(content_type order by place), array_agg(content_id order by place), '
           'array_agg(chunk order by place), array_agg(similarity order by place), %s '
      'from best',
    array_to_string(arms, ' union all '), distance_operator(metric),
    case metric when 'cosine' then '1 - distance' when 'inner_product' then '-distance' else '1 / (1 + distance)' end,
    coalesce(nullif(array_to_string(complete, ' and '), ''), 'true'))
$$;

-- What the two ways cost, in microseconds of the server: a row of the scope is fetched through the indexes of its
-- text, and compared; an index compares its neighbours for each vector that it looks at, and looks at as many as
-- bring the wanted ones that pass. Measured; bench/README.md has the figures.
create function exact_cost(rows double precision, dimensions integer) returns double precision
language sql immutable parallel safe
set search_path from current
as $$ select rows * (3 + 0.003 * dimensions) $$;

create function index_cost(rows double precision, whole double precision, wanted integer, effort integer,
                           dimensions integer) returns double precision
language sql immutable parallel safe
set search_path from current
as $$ select greatest(effort, wanted * whole / greatest(rows, 1)) * (10 + 0.07 * dimensions) $$;

-- How many rows the planner expects of a scope.
create function expected_rows(query similar_query, scope text) returns double precision
language plpgsql volatile
set search_path from current
as $$
declare
  plan json;
begin
  execute 'explain (format json) select from ' || scope into plan using query;
  return plan -> 0 -> 'Plan' ->> 'Plan Rows';
end
$$;

-- Each kind of text has a way of its own: beside many messages there may be few memories.
create function plan_similar(query similar_query) returns similar_plan
language plpgsql volatile
set search_path from current
as $$
declare
  model    embedding_models;
  index    vector_indexes;
  whole    double precision;  -- vectors of the model
  content  text;
  scope    text;
  wanted   integer;
  expected double precision;
  indexed  boolean;
  near     text;
  arms     text[];
  complete text[];
  reasons  text[];
  plan     similar_plan;
begin
  perform guard_search(query.tenant);
  select * into model from embedding_models m where m.id = query.model_id;
  if model.id is null then
    raise exception 'embedding model % is not known', query.model_id using errcode = 'undefined_object';
  end if;
  if vector_dims(query.vector) <> model.dimensions then
    raise exception 'the query has % dimensions, and embedding model % has %', vector_dims(query.vector),
      model.name, model.dimensions using errcode = 'data_exception';
  end if;
  if query.only_way <> 'exact' then
    select * into index from vector_indexes i where i.model_id = model.id and i.status = 'serving';
  end if;
  if index.id is not null then
    whole := (select c.reltuples from pg_class c where c.oid = to_regclass('embeddings_' || model.id));
    wanted := query.max_results * index.candidates;
    plan.effort := coalesce(query.only_effort, index.effort);
    if index.kind = 'hnsw' then plan.effort := least(greatest(plan.effort, wanted), 1000); end if;
  end if;

  foreach content in array case when query.only_content is null then array['message', 'memory']
                                else array[query.only_content] end loop
    scope := similar_scope(query, content);
    indexed := index.id is not null;
    expected := null;
    if indexed and query.only_way = 'auto' then
      expected := expected_rows(query, scope);
      indexed := index_cost(expected, whole, wanted, plan.effort, model.dimensions)
                 < exact_cost(expected, model.dimensions);
    end if;
    if indexed then
      plan.index_name := index.name;
      near := format('%s %s %s', indexed_vector('e.embedding', index.storage, model.dimensions),
                     case index.storage when 'bit' then '<~>' else distance_operator(model.metric) end,
                     indexed_vector('($1).vector', index.storage, model.dimensions));
      complete := complete || format('(select count(*) from near where content_type = %L) >= %s', content, wanted);
    else
      near := format('e.embedding %s ($1).vector', distance_operator(model.metric));
    end if;
    arms := arms || format('(select e.content_type, e.content_id, e.chunk, e.embedding from %s order by %s limit %s)',
                           scope, near, case when indexed then wanted else query.max_results end);
    reasons := reasons || format('%s: %s%s', content,
                                 case when indexed then format('through %s, effort %s', index.name, plan.effort)
                                      else 'exactly' end,
                                 case when expected is null then ''
                                      else format(', of %s vectors expected', expected) end);
  end loop;
  plan.sql := similar_sql(model.metric, arms, complete);
  plan.reason := array_to_string(reasons, '; ');
  return plan;
end
$$;

-- For a plan that goes through an index. Sorting is made dear, so that the planner, which takes the cost of an index
-- of vectors for what it is not, goes through it.
create function prepare_similar(plan similar_plan) returns void
language plpgsql volatile
set search_path from current
as $$
begin
  if plan.index_name is not null then
    perform set_config('enable_sort', 'off', true), set_config('hnsw.ef_search', least(plan.effort, 1000)::text, true),
            set_config('ivfflat.probes', plan.effort::text, true);
  end if;
end
$$;

-- Runs a plan. The settings hold for this one statement: a scan goes on until it has as many as are wanted, or has
-- looked at hnsw.max_scan_tuples vectors.
create function run_similar(plan similar_plan, query similar_query) returns similar_found
language plpgsql volatile
set search_path from current
set plan_cache_mode = force_custom_plan
set enable_sort = on
set hnsw.iterative_scan = relaxed_order
set hnsw.ef_search = 40
set ivfflat.iterative_scan = relaxed_order
set ivfflat.probes = 1
as $$
declare
  found similar_found;
begin
  perform prepare_similar(plan);
  execute plan.sql into found using query;
  return found;
end
$$;

create function explain_similar_plan(plan similar_plan, query similar_query) returns setof text
language plpgsql volatile
set search_path from current
set plan_cache_mode = force_custom_plan
set enable_sort = on
set hnsw.iterative_scan = relaxed_order
set hnsw.ef_search = 40
set ivfflat.iterative_scan = relaxed_order
set ivfflat.probes = 1
as $$
begin
  perform prepare_similar(plan);
  return query execute 'explain (analyze, buffers, timing off, summary on) ' || plan.sql using query;
end
$$;

-- The most similar vectors, as arrays in their order, similarities in the unit of the model's metric. What an index
-- does not find enough of, 'auto' looks for again exactly, and 'index' says so: then it is not complete.
create function search_similar(query similar_query)
returns table (content_types text[], content_ids uuid[], chunks integer[], similarities double precision[],
               through_index text, complete boolean)
language plpgsql volatile security definer
set search_path from current
as $$
declare
  plan  similar_plan;
  found similar_found;
begin
  plan := plan_similar(query);
  found := run_similar(plan, query);
  if not found.complete and query.only_way = 'auto' then
    query.only_way := 'exact';
    plan := plan_similar(query);
    found := run_similar(plan, query);
  end if;
  through_index := plan.index_name;
  complete := found.complete;
  content_types := coalesce(found.content_types, '{}');
  content_ids := coalesce(found.content_ids, '{}');
  chunks := coalesce(found.chunks, '{}');
  similarities := coalesce(found.similarities, '{}');
  return next;
end
$$;

-- How search_similar, of the same query, goes about it: which way for each kind of text, then the lines of
-- EXPLAIN ANALYZE.
create function explain_similar(query similar_query) returns table (line text)
language plpgsql volatile security definer
set search_path from current
as $$
declare
  plan similar_plan;
begin
  plan := plan_similar(query);
  return query select plan.reason;
  return query select * from explain_similar_plan(plan, query);
end
$$;

revoke all on function search_similar, explain_similar from public;
do $$
declare
  asker constant name := current_user;
begin
  alter function search_similar owner to loci_search;
  alter function explain_similar owner to loci_search;
  execute format('revoke create on schema %I from loci_search', current_schema());
  -- Only now: a change of owner hands the old owner's rights to the new one.
  set local role loci_search;
  execute format('grant execute on function search_similar, explain_similar to %I', asker);
  reset role;
end
$$;
