-- The indexes that serve vectors, and the search of vectors alone.

-- Vectors of bits, which is what the signs of a vector's numbers are; and distances by the sum of differences.
alter table embedding_models drop constraint embedding_models_metric_check;
-- loci: allow constraint-scan a table of a few rows
alter table embedding_models add constraint embedding_models_metric_check
  check (metric in ('cosine', 'inner_product', 'l2', 'l1', 'hamming', 'jaccard'));

-- An index that serves a model's vectors, or will when it is built, or did. A model without a serving one is searched
-- exactly. Its condition, `chunk <> -id`, holds for every row: a search that repeats it goes through this index, and
-- through no other one there is beside it.
create table vector_indexes (
  id              integer          generated always as identity primary key,
  model_id        integer          not null references embedding_models (id) on delete cascade,
  name            text             not null generated always as ('embeddings_' || model_id::text || '_near_' || id::text) stored,
  kind            text             not null check (kind in ('hnsw', 'ivfflat')),
  storage         text             not null check (storage in ('vector', 'halfvec', 'bit')),
  m               integer          check (m between 2 and 100),
  ef_construction integer          check (ef_construction between 4 and 1000),
  lists           integer          check (lists between 1 and 32768),
  effort          integer          not null check (effort > 0),
  candidates      integer          not null default 1 check (candidates > 0),
  status          text             not null default 'building'
                                   check (status in ('building', 'ready', 'serving', 'retired')),
  rows_at_build   bigint,
  bytes           bigint,
  build_seconds   double precision,
  recall          double precision check (recall between 0 and 1),
  created_at      timestamptz      not null default now(),
  measured_at     timestamptz,
  check (case kind when 'hnsw' then m is not null and ef_construction is not null and lists is null
                   else m is null and ef_construction is null and lists is not null end)
);

comment on column vector_indexes.effort is 'hnsw.ef_search or ivfflat.probes of a search.';
comment on column vector_indexes.candidates is 'How many an index brings for each result, to be ranked by their own vectors.';

create unique index vector_indexes_serving on vector_indexes (model_id) where status = 'serving';

-- What was decided about a model's index, and why.
create table vector_decisions (
  id         bigint      generated always as identity primary key,
  model_id   integer     not null references embedding_models (id) on delete cascade,
  action     text        not null,
  reason     text        not null,
  decided_at timestamptz not null default now()
);

create index vector_decisions_model on vector_decisions (model_id, id);

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
  only_effort       integer,
  only_index        integer  -- of vector_indexes: also one that does not serve yet; null: the serving one
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
--
-- These are written in PL/pgSQL, which keeps its plans from one call to the next; SQL functions that cannot be inlined
-- are planned anew in each transaction.
create function indexed_vector(embedding text, storage text, dimensions integer) returns text
language plpgsql immutable parallel safe
set search_path from current
as $$
begin
  return case storage
           when 'vector'  then format('(%s::vector(%s))', embedding, dimensions)
           when 'halfvec' then format('(%s::halfvec(%s))', embedding, dimensions)
           when 'bit'     then format('(binary_quantize(%s)::bit(%s))', embedding, dimensions)
         end;
end
$$;

-- The distance, by the model's metric, of a vector from the one looked for.
create function similar_distance(metric text, embedding text, looked_for text, dimensions integer) returns text
language plpgsql immutable parallel safe
set search_path from current
as $$
begin
  return case when metric in ('hamming', 'jaccard')
              then format('%s %s %s', indexed_vector(embedding, 'bit', dimensions),
                          case metric when 'hamming' then '<~>' else '<%>' end,
                          indexed_vector(looked_for, 'bit', dimensions))
              else format('%s %s %s', embedding,
                          case metric when 'cosine' then '<=>' when 'inner_product' then '<#>'
                                      when 'l2' then '<->' when 'l1' then '<+>' end, looked_for)
         end;
end
$$;

-- The same as an index has it, whose storage may be coarser than the vectors.
create function indexed_distance(metric text, storage text, looked_for text, dimensions integer) returns text
language plpgsql immutable parallel safe
set search_path from current
as $$
begin
  return format('%s %s %s', indexed_vector('e.embedding', storage, dimensions),
                case when storage = 'bit' then case metric when 'jaccard' then '<%>' else '<~>' end
                     else case metric when 'cosine' then '<=>' when 'inner_product' then '<#>'
                                      when 'l2' then '<->' when 'l1' then '<+>' end end,
                indexed_vector(looked_for, storage, dimensions));
end
$$;

-- What stands behind `create index ... on TABLE` for an index of this kind.
create function vector_index_definition(index vector_indexes, metric text, dimensions integer) returns text
language plpgsql immutable parallel safe
set search_path from current
as $$
begin
  return format('using %s (%s %s) with (%s)', index.kind,
                indexed_vector('embedding', index.storage, dimensions),
                case when index.storage = 'bit' then
                       case metric when 'jaccard' then 'bit_jaccard_ops' else 'bit_hamming_ops' end
                     else index.storage || case metric when 'cosine' then '_cosine_ops' when 'inner_product' then '_ip_ops'
                                                       when 'l2' then '_l2_ops' when 'l1' then '_l1_ops' end end,
                case index.kind when 'hnsw' then format('m = %s, ef_construction = %s', index.m, index.ef_construction)
                                else format('lists = %s', index.lists) end);
end
$$;

-- Where the vectors of one kind of text are, and which of them count.
create function similar_scope(query similar_query, content text) returns text
language plpgsql immutable
set search_path from current
as $$
begin
  return case content
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
         || case when query.only_metadata is null then '' else ' and e.metadata @> ($1).only_metadata' end;
end
$$;

-- What a distance is in the unit of similarity: higher is nearer.
create function similarity_of(distance text, metric text, dimensions integer) returns text
language plpgsql immutable parallel safe
set search_path from current
as $$
begin
  return case metric when 'cosine' then '1 - ' || distance when 'inner_product' then '-' || distance
                     when 'hamming' then format('1 - %s / %s', distance, dimensions)
                     when 'jaccard' then '1 - ' || distance else format('1 / (1 + %s)', distance) end;
end
$$;

-- The statement: of each scope those that are near, `arms`, and of them the best, by the distances of their vectors
-- themselves, which an index may only approximate.
create function similar_sql(metric text, dimensions integer, arms text[], complete text[]) returns text
language plpgsql immutable
set search_path from current
as $$
begin
  return format(
    'with near as materialized (%s), '
    'ranked as (select content_type, content_id, chunk, distance, %s as similarity from near), '
    'best as (select *, row_number() over (order by distance, content_type, content_id, chunk) as place '
               'from ranked where similarity >= ($1).min_similarity '
              'order by distance, content_type, content_id, chunk limit ($1).max_results) '
    'select array_agg(content_type order by place), array_agg(content_id order by place), '
           'array_agg(chunk order by place), array_agg(similarity order by place), %s '
      'from best',
    array_to_string(arms, ' union all '),
    similarity_of('distance', metric, dimensions),
    coalesce(nullif(array_to_string(complete, ' and '), ''), 'true'));
end
$$;

-- What the two ways cost, in microseconds of the server: a row of the scope is fetched through the indexes of its
-- text, and compared; an index compares its neighbours for each vector that it looks at, and looks at as many as
-- bring the wanted ones that pass. Measured; bench/README.md has the figures.
create function exact_cost(rows double precision, dimensions integer) returns double precision
language sql immutable parallel safe
as $$ select rows * (3 + 0.003 * dimensions) $$;

create function index_cost(rows double precision, whole double precision, wanted integer, effort integer,
                           index vector_indexes, dimensions integer) returns double precision
language sql immutable parallel safe
as $$ select greatest(effort, wanted * whole / greatest(rows, 1)) * (10 + 0.07 * dimensions) $$;

-- How many vectors of one kind of text the planner expects to count. Without filters the texts need not be asked.
create function expected_rows(query similar_query, content text) returns double precision
language plpgsql volatile
set search_path from current
as $$
declare
  plan json;
begin
  execute 'explain (format json) select from '
          || case when query.only_user is null and query.only_since is null and query.only_until is null
                       and query.only_conversation is null and query.only_metadata is null
                  then format('embeddings e where e.tenant_id = ($1).tenant and e.model_id = %s and e.content_type = %L',
                              query.model_id, content)
                  else similar_scope(query, content) end
     into plan using query;
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
    select * into index from vector_indexes i
     where i.model_id = model.id
       and case when query.only_index is null then i.status = 'serving' else i.id = query.only_index end;
  end if;
  if index.id is not null then
    whole := (select c.reltuples from pg_class c where c.oid = to_regclass('embeddings_' || model.id));
    wanted := query.max_results * index.candidates;
    plan.effort := coalesce(query.only_effort, index.effort);
    if index.kind = 'hnsw' then plan.effort := least(greatest(plan.effort, wanted), 1000); end if;
  end if;

  foreach content in array case when query.only_content is null then array['message', 'memory']
                                else array[query.only_content] end loop
    indexed := index.id is not null;
    expected := null;
    if indexed and query.only_way = 'auto' then
      expected := expected_rows(query, content);
      indexed := index_cost(expected, whole, wanted, plan.effort, index, model.dimensions)
                 < exact_cost(expected, model.dimensions);
    end if;
    if indexed then
      plan.index_name := index.name;
      near := indexed_distance(model.metric, index.storage, '($1).vector', model.dimensions);
      complete := complete || format('(select count(*) from near where content_type = %L) >= %s', content, wanted);
    else
      near := 'distance';
    end if;
    arms := arms || format('(select e.content_type, e.content_id, e.chunk, %s as distance from %s%s order by %s limit %s)',
                           similar_distance(model.metric, 'e.embedding', '($1).vector', model.dimensions),
                           similar_scope(query, content),
                           case when indexed then format(' and e.chunk <> -%s', index.id) else '' end,
                           near, case when indexed then wanted else query.max_results end);
    reasons := reasons || format('%s: %s%s', content,
                                 case when indexed then format('through %s, effort %s', index.name, plan.effort)
                                      else 'exactly' end,
                                 case when expected is null then ''
                                      else format(', of %s vectors expected', expected) end);
  end loop;
  plan.sql := similar_sql(model.metric, model.dimensions, arms, complete);
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

-- As before, but for the arm of the vectors: it goes by the model's metric, and through the model's index when nothing
-- narrows the search and that costs less. The settings of such a search end with the function that asks for it.
create or replace function search_sql(
  with_text boolean, vector_model integer, vector_dimensions integer, with_user boolean,
  with_role boolean, with_since boolean, with_until boolean, with_conversation boolean)
returns text
language plpgsql volatile
set search_path from current
as $$
declare
  nothing    constant text := 'select null::uuid, 0, 0::float8 where false';
  conditions text := 'm.tenant_id = $1 and c.deleted_at is null';
  text_arm   text := nothing;
  vector_arm text := nothing;
  model      embedding_models;
  index      vector_indexes;
  everything similar_query;
  plan       similar_plan;
  expected   double precision;
  wanted     integer;
  distance   text;
  near       text := 'distance';
begin
  if with_user then conditions := conditions || ' and c.user_id = $5'; end if;
  if with_role then conditions := conditions || ' and m.role = $6'; end if;
  if with_since then conditions := conditions || ' and m.created_at >= $7'; end if;
  if with_until then conditions := conditions || ' and m.created_at < $8'; end if;
  if with_conversation then conditions := conditions || ' and m.conversation_id = $9'; end if;

  if with_text then
    -- BM25 (k1 1.2, b 0.5) over the rows that hold any of the words. A row that holds a word is
    -- among them, so their counts are the true document frequencies of this scope. ts_rank of one
    -- word stands for its term frequency: 0.0608 for one occurrence, 0.1 at most. Lengths count by
    -- their logarithm: chat lines of three words stand beside answers of three hundred.
    text_arm := format($sql$
      select id, (row_number() over (order by score desc, id))::integer, score
        from (with candidate as materialized (
                select m.id, m.tsv, length(m.tsv) as size
                  from messages m
                  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                 where m.tsv @@ $2 and %s),
              match as materialized (
                select d.id, d.size, w.lexeme, ts_rank(d.tsv, w.query) / 0.0607927 as frequency
                  from candidate d
                  join (select l as lexeme, quote_literal(l)::tsquery as query
                          from unnest($14::text[]) l) w on d.tsv @@ w.query),
              word as (
                select lexeme,
                       ln(1 + (greatest($15, count(*)) - count(*) + 0.5) / (count(*) + 0.5)) as weight
                  from match group by lexeme)
              select x.id, sum(w.weight * x.frequency * 2.2
                               / (x.frequency
                                  + 1.2 * (0.5 + 0.5 * ln(1 + x.size) / ln(1 + a.size))))::float8 as score
                from match x
                join word w using (lexeme)
               cross join (select greatest(avg(size), 1) as size from candidate) a
               group by x.id
               order by score desc, x.id limit $10) best
    $sql$, conditions);
  end if;

  if vector_model is not null and vector_dimensions is not null then
    select * into strict model from embedding_models m where m.id = vector_model;
    distance := similar_distance(model.metric, 'e.embedding', '$3', model.dimensions);
    if not (with_user or with_role or with_since or with_until or with_conversation) then
      select * into index from vector_indexes i where i.model_id = model.id and i.status = 'serving';
    end if;
    if index.id is not null then
      wanted := 200 * index.candidates;  -- two chunks a message of the usual hundred
      everything.tenant := loci_tenant();
      everything.model_id := model.id;
      expected := expected_rows(everything, 'message');
      if index_cost(expected, (select c.reltuples from pg_class c where c.oid = to_regclass('embeddings_' || model.id)),
                    wanted, greatest(index.effort, wanted), index, model.dimensions)
         >= exact_cost(expected, model.dimensions) then
        index := null;
      end if;
    end if;
    if index.id is not null then
      conditions := conditions || ' and e.chunk <> -' || index.id;
      near := indexed_distance(model.metric, index.storage, '$3', model.dimensions);
      plan.index_name := index.name;
      plan.effort := case index.kind when 'hnsw' then least(greatest(index.effort, wanted), 1000) else index.effort end;
      perform prepare_similar(plan);
    end if;
    vector_arm := format($sql$
      select content_id, (row_number() over (order by distance, content_id))::integer, %6$s
        from (select content_id, min(distance) as distance
                from (select e.content_id, %1$s as distance
                        from embeddings e
                        join messages m on m.tenant_id = e.tenant_id and m.id = e.content_id
                        join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                       where e.tenant_id = $1 and e.model_id = %2$s and e.content_type = 'message'
                         and %3$s
                       order by %4$s limit %5$s * $10) chunks
               group by content_id order by distance limit $10) best
       where %6$s >= $16
    $sql$, distance, vector_model, conditions, near, 2 * coalesce(index.candidates, 1),
           similarity_of('distance', model.metric, model.dimensions));
  end if;

  return format($sql$
    with text_arm (id, rank, score) as (%s), vector_arm (id, rank, similarity) as (%s)
    select coalesce(t.id, v.id),
           coalesce($11 / ($13 + t.rank), 0) + coalesce($12 / ($13 + v.rank), 0) as fused,
           t.rank, t.score, v.rank, v.similarity
      from text_arm t full join vector_arm v on v.id = t.id
     order by fused desc, 1 limit $4
  $sql$, text_arm, vector_arm);
end
$$;

-- Some of a tenant's vectors of a model, by chance.
create function sample_vectors(tenant uuid, model integer, wanted integer)
returns table (content_type text, embedding vector)
language plpgsql volatile
set search_path from current
as $$
declare
  part  constant text := 'embeddings_' || model;
  whole constant double precision := (select c.reltuples from pg_class c where c.oid = to_regclass(part));
begin
  return query execute format('select e.content_type, e.embedding from %I e tablesample bernoulli (%s) where e.tenant_id = $1 '
                              'order by random() limit $2', part,
                              least(100, 150.0 * wanted / greatest(whole, 1)))
    using tenant, wanted;
end
$$;

-- Makes ready to try indexes on a sample, which the transaction forgets: some of the vectors are taken out, to be
-- looked for in the others. Gives how many there are to look in.
create function begin_vector_trial(tenant uuid, model integer, rows integer, queries integer, results integer)
returns integer
language plpgsql volatile
set search_path from current
as $$
declare
  kind   embedding_models;
  query  similar_query;
  taken  integer;
begin
  select * into strict kind from embedding_models m where m.id = model;
  create temporary table vector_trial on commit drop as
    select row_number() over () as id, v.embedding from sample_vectors(tenant, model, rows + queries) v;
  get diagnostics taken = row_count;
  create temporary table vector_trial_queries on commit drop as
    select id, embedding, null::double precision as reach from vector_trial where id <= least(queries, taken / 10);
  delete from vector_trial t using vector_trial_queries q where q.id = t.id;
  for query.model_id, query.vector in select id, embedding from vector_trial_queries loop
    execute format('update vector_trial_queries set reach = (select max(distance) from '
                   '(select %s as distance from vector_trial e order by 1 limit %s) near) where id = ($1).model_id',
                   similar_distance(kind.metric, 'e.embedding', '($1).vector', kind.dimensions), results)
      using query;
  end loop;
  analyze vector_trial;
  return taken - (select count(*) from vector_trial_queries);
end
$$;

-- Builds one on the sample, and searches it with each effort: the share of the nearest that it finds, the time of a
-- search, and that of building it for a row.
create function try_vector_index(model integer, index vector_indexes, results integer, efforts integer[])
returns table (effort integer, recall double precision, search_us double precision, build_us double precision)
language plpgsql volatile
set search_path from current
set enable_sort = off
set enable_seqscan = off
set max_parallel_workers_per_gather = 0
as $$
declare
  kind     embedding_models;
  query    similar_query;
  sql      text;
  reach    double precision;
  began    timestamptz := clock_timestamp();
  found    integer;
  asked    integer;
  right_ones bigint;
  took     double precision[];
begin
  select * into strict kind from embedding_models m where m.id = model;
  execute 'create index vector_trial_near on vector_trial '
          || vector_index_definition(index, kind.metric, kind.dimensions);
  build_us := extract(epoch from clock_timestamp() - began) * 1e6 / greatest((select count(*) from vector_trial), 1);
  sql := format('select count(*) from (select distance from (select %s as distance from vector_trial e order by %s '
                'limit %s) near order by distance limit %s) best where distance <= $2 + 1e-6',
                similar_distance(kind.metric, 'e.embedding', '($1).vector', kind.dimensions),
                indexed_distance(kind.metric, index.storage, '($1).vector', kind.dimensions), results * index.candidates, results);
  foreach effort in array efforts loop
    perform set_config('hnsw.ef_search', least(greatest(effort, results * index.candidates), 1000)::text, true),
            set_config('ivfflat.probes', effort::text, true);
    right_ones := 0;
    asked := 0;
    took := '{}';
    for query.vector, reach in select q.embedding, q.reach from vector_trial_queries q loop
      began := clock_timestamp();
      execute sql into found using query, reach;
      took := took || extract(epoch from clock_timestamp() - began) * 1e6;
      right_ones := right_ones + found;
      asked := asked + 1;
    end loop;
    recall := right_ones::double precision / greatest(asked * results, 1);
    search_us := (select percentile_cont(0.5) within group (order by t) from unnest(took) t);
    return next;
  end loop;
  drop index vector_trial_near;
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
  alter function search_messages set enable_sort = on;
  alter function search_messages set hnsw.ef_search = 40;
  alter function search_messages set ivfflat.probes = 1;
  alter function explain_search set enable_sort = on;
  alter function explain_search set hnsw.ef_search = 40;
  alter function explain_search set ivfflat.probes = 1;
  execute format('grant execute on function search_similar, explain_similar to %I', asker);
  reset role;
end
$$;
