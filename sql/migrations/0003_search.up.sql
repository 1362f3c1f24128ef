-- Hybrid search: full text and vectors, fused, in one call.
--
-- Under row level security `@@` loses its GIN index, for the operator is not leakproof. So the search
-- runs as the role loci_search, whose own policy lets it read, takes the tenant as an argument, and
-- refuses any tenant but the session's.

do $$
begin
  if not exists (select from pg_roles where rolname = 'loci_search') then
    create role loci_search nologin;
  end if;
  if not pg_has_role(current_user, 'loci_search', 'set') then
    execute format('grant loci_search to %I with inherit false, set true', current_user);
  end if;
exception when insufficient_privilege then
  raise exception 'the role loci_search is missing or not granted to %', current_user
    using errcode = 'insufficient_privilege',
          hint = format('An administrator runs once: create role loci_search nologin; '
                        'grant loci_search to %I with inherit false, set true;', current_user);
end
$$;

-- The functions see this schema, pgvector's, and nothing else.
do $$
begin
  execute format('grant usage, create on schema %I to loci_search', current_schema());
  perform set_config('search_path',
    (select string_agg(distinct quote_ident(n), ', ')
       from unnest(array[current_schema()::text,
                         (select extnamespace::regnamespace::text from pg_extension
                           where extname = 'vector')]) n where n is not null) || ', pg_temp', true);
end
$$;

grant select on conversations, messages, embeddings, embedding_models to loci_search;
create policy search on conversations for select to loci_search using (true);
create policy search on messages      for select to loci_search using (true);
create policy search on embeddings    for select to loci_search using (true);

-- A question's words, stemmed, without stop words: the first 64 of them. A pasted page is a question
-- too; thousands of words would find everything, slowly, or end at the depth of the server's stack.
create function words_of(question text) returns text[]
language sql immutable parallel safe
set search_path from current
as $$
  select array(select lexeme
                 from unnest(to_tsvector('pg_catalog.english'::regconfig, left(question, 100000)))
                order by positions[1], lexeme limit 64)
$$;

-- A question's words as a tsquery that any of them satisfies; null when nothing is left of it.
-- (plainto_tsquery asks for all of them, and finds next to nothing on a question.)
create function any_of_words(question text) returns tsquery
language sql immutable parallel safe
set search_path from current
as $$
  select string_agg(quote_literal(word), ' | ')::tsquery from unnest(words_of(question)) word
$$;

-- The text of the search below, for the filters that are set. Its parameters: $1 tenant, $2 words,
-- $3 vector, $4 max_results, $5 user, $6 role, $7 since, $8 until, $9 conversation, $10 depth,
-- $11 text_weight, $12 vector_weight, $13 fusion_k, $14 the words one by one, $15 messages in all,
-- $16 min_similarity.
create function search_sql(
  with_text boolean, vector_model integer, vector_dimensions integer, with_user boolean,
  with_role boolean, with_since boolean, with_until boolean, with_conversation boolean)
returns text
language plpgsql immutable
set search_path from current
as $$
declare
  nothing    constant text := 'select null::uuid, 0, 0::float8 where false';
  conditions text := 'm.tenant_id = $1 and c.deleted_at is null';
  text_arm   text := nothing;
  vector_arm text := nothing;
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
    vector_arm := format($sql$
      select content_id, (row_number() over (order by distance, content_id))::integer, 1 - distance
        from (select content_id, min(distance) as distance
                from (select e.content_id, e.embedding::vector(%1$s) <=> $3::vector(%1$s) as distance
                        from embeddings e
                        join messages m on m.tenant_id = e.tenant_id and m.id = e.content_id
                        join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                       where e.tenant_id = $1 and e.model_id = %2$s and e.content_type = 'message'
                         and %3$s
                       order by distance limit 2 * $10) chunks
               group by content_id order by distance limit $10) best
       where distance <= 1 - $16
    $sql$, vector_dimensions, vector_model, conditions);
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

-- Refuses a tenant that is not the session's.
create function guard_search(tenant uuid) returns void
language plpgsql volatile
set search_path from current
as $$
begin
  if tenant is null or tenant is distinct from loci_tenant() then
    raise exception 'search of a tenant that is not the session''s'
      using errcode = 'insufficient_privilege';
  end if;
end
$$;

-- The messages that fit best. Each arm gives its `depth` best; an arm's share of the score is
-- weight / (fusion_k + rank) (reciprocal rank fusion, Cormack et al. 2009). Null arguments do not
-- filter; a null query_vector, or a question without words, leaves that arm out, and what is less
-- similar than min_similarity is left out of the vectors' arm.
create function search_messages(
  tenant            uuid,
  question          text,
  query_model       integer,
  query_vector      vector,
  only_user         text,
  only_role         text,
  only_since        timestamptz,
  only_until        timestamptz,
  only_conversation uuid,
  max_results       integer,
  depth             integer,
  text_weight       double precision,
  vector_weight     double precision,
  fusion_k          integer,
  min_similarity    double precision)
returns table (message_id uuid, score double precision, text_rank integer, text_score double precision,
               vector_rank integer, similarity double precision)
language plpgsql volatile security definer
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
declare
  words tsquery := any_of_words(question);
begin
  perform guard_search(tenant);
  -- Without iterative scans a filter beside an HNSW index silently gives too few rows.
  perform set_config('hnsw.iterative_scan', 'relaxed_order', true);
  return query execute search_sql(
      words is not null,
      case when query_vector is not null then query_model end,
      (select dimensions from embedding_models where id = query_model),
      only_user is not null, only_role is not null, only_since is not null, only_until is not null,
      only_conversation is not null)
    using tenant, words, query_vector, max_results, only_user, only_role, only_since, only_until,
          only_conversation, depth, text_weight, vector_weight, fusion_k, words_of(question),
          (select reltuples::float8 from pg_class where oid = 'messages'::regclass), min_similarity;
end
$$;

-- How search_messages, with the same arguments, is run: the lines of EXPLAIN ANALYZE.
create function explain_search(
  tenant            uuid,
  question          text,
  query_model       integer,
  query_vector      vector,
  only_user         text,
  only_role         text,
  only_since        timestamptz,
  only_until        timestamptz,
  only_conversation uuid,
  max_results       integer,
  depth             integer,
  text_weight       double precision,
  vector_weight     double precision,
  fusion_k          integer,
  min_similarity    double precision)
returns table (line text)
language plpgsql volatile security definer
set search_path from current
set plan_cache_mode = force_custom_plan
as $$
declare
  words tsquery := any_of_words(question);
begin
  perform guard_search(tenant);
  perform set_config('hnsw.iterative_scan', 'relaxed_order', true);
  return query execute 'explain (analyze, buffers, timing off, summary on) ' || search_sql(
      words is not null,
      case when query_vector is not null then query_model end,
      (select dimensions from embedding_models where id = query_model),
      only_user is not null, only_role is not null, only_since is not null, only_until is not null,
      only_conversation is not null)
    using tenant, words, query_vector, max_results, only_user, only_role, only_since, only_until,
          only_conversation, depth, text_weight, vector_weight, fusion_k, words_of(question),
          (select reltuples::float8 from pg_class where oid = 'messages'::regclass), min_similarity;
end
$$;

revoke all on function search_messages, explain_search from public;
do $$
declare
  asker constant name := current_user;
begin
  alter function search_messages owner to loci_search;
  alter function explain_search owner to loci_search;
  execute format('revoke create on schema %I from loci_search', current_schema());
  -- Only now: a change of owner hands the old owner's rights to the new one.
  set local role loci_search;
  execute format('grant execute on function search_messages, explain_search to %I', asker);
  reset role;
end
$$;
