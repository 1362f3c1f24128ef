do $$
begin
  perform '[1]'::vector;  -- from here on its settings are known
  set local role loci_search;
  execute 'drop function search_similar, explain_similar';
  alter function search_messages reset enable_sort;
  alter function search_messages reset hnsw.ef_search;
  alter function search_messages reset ivfflat.probes;
  alter function explain_search reset enable_sort;
  alter function explain_search reset hnsw.ef_search;
  alter function explain_search reset ivfflat.probes;
  reset role;
end
$$;
drop function try_vector_index, begin_vector_trial, sample_vectors, explain_similar_plan, run_similar, prepare_similar, plan_similar, expected_rows, index_cost,
  exact_cost, similar_sql, similarity_of, similar_scope, vector_index_definition, indexed_distance, similar_distance, indexed_vector;
drop type similar_found, similar_plan, similar_query;
do $$
declare
  index record;
begin
  for index in select name from vector_indexes loop
    execute format('drop index if exists %I', index.name);
  end loop;
end
$$;
drop table vector_decisions, vector_indexes;
alter table embedding_models drop constraint embedding_models_metric_check;
alter table embedding_models add constraint embedding_models_metric_check
  check (metric in ('cosine', 'inner_product', 'l2'));

-- The search of messages as it was.
select set_config('search_path',
  (select string_agg(distinct quote_ident(n), ', ')
     from unnest(array[current_schema()::text,
                       (select extnamespace::regnamespace::text from pg_extension
                         where extname = 'vector')]) n where n is not null) || ', pg_temp', true);

create or replace function search_sql(
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
