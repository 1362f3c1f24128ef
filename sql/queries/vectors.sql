-- Vectors found by nearness, and the indexes that serve them. Asked by vector::VectorStore and vector::IndexBuilder.

-- The vectors that are most like one.
-- name: SearchSimilar :one
select content_types as "content_types!", content_ids as "content_ids!", chunks as "chunks!",
       similarities as "similarities!", through_index as "through_index?", complete as "complete!"
  from search_similar(row(@tenant_id, @model_id, @query_vector, @max_results, sqlc.narg(only_content),
                          sqlc.narg(only_user), sqlc.narg(only_since), sqlc.narg(only_until),
                          sqlc.narg(only_conversation), sqlc.narg(only_metadata), @min_similarity, @only_way,
                          sqlc.narg(only_effort), sqlc.narg(only_index))::similar_query);

-- How SearchSimilar of the same goes about it.
-- name: ExplainSimilar :many
select line as "line!"
  from explain_similar(row(@tenant_id, @model_id, @query_vector, @max_results, sqlc.narg(only_content),
                           sqlc.narg(only_user), sqlc.narg(only_since), sqlc.narg(only_until),
                           sqlc.narg(only_conversation), sqlc.narg(only_metadata), @min_similarity, @only_way,
                           sqlc.narg(only_effort), sqlc.narg(only_index))::similar_query);

-- The indexes of a model, the serving one first.
-- name: ListVectorIndexes :many
select id, name as "name!", kind, storage, m, ef_construction, lists, effort, candidates, status, rows_at_build,
       coalesce(pg_relation_size(to_regclass(quote_ident(name))), bytes) as bytes, build_seconds, recall, created_at, measured_at
  from vector_indexes where model_id = @model_id
 order by status = 'serving' desc, id desc;

-- name: AddVectorIndex :one
insert into vector_indexes (model_id, kind, storage, m, ef_construction, lists, effort, candidates)
values (@model_id, @kind, @storage, sqlc.narg(m), sqlc.narg(ef_construction), sqlc.narg(lists), @effort, @candidates)
returning id, name as "name!";

-- The statement that builds it. It may take long, and must not be part of a transaction. The condition holds for every
-- row; a search that repeats it goes through this index, and through no other there is beside it.
-- name: VectorIndexDefinition :one
select format('create index concurrently %I on %I %s where chunk <> -%s', i.name, 'embeddings_' || i.model_id,
              vector_index_definition(i, m.metric, m.dimensions), i.id) as "ddl!"
  from vector_indexes i join embedding_models m on m.id = i.model_id
 where i.id = @id;

-- name: FinishVectorIndex :exec
update vector_indexes
   set status = 'ready', rows_at_build = @rows_at_build, build_seconds = @build_seconds,
       bytes = pg_relation_size(to_regclass(quote_ident(name)))
 where id = @id;

-- One index serves from here on; the former one is given back.
-- name: ServeVectorIndex :many
with former as (
  update vector_indexes set status = 'retired' where model_id = @model_id and status = 'serving' and id <> @id
  returning id, name
), served as (
  update vector_indexes set status = 'serving' where id = @id and (select count(*) from former) >= 0
)
select id, name as "name!" from former;

-- name: TuneVectorIndex :exec
update vector_indexes set effort = @effort, recall = @recall, measured_at = now() where id = @id;

-- name: ForgetVectorIndex :exec
delete from vector_indexes where id = @id;

-- Indexes that serve nobody: of a build that was cut off, or that another took the place of.
-- name: ListIdleVectorIndexes :many
select id, name as "name!" from vector_indexes where model_id = @model_id and status <> 'serving';

-- How many vectors a model has, of all tenants, as the statistics say.
-- name: CountVectors :one
select greatest(c.reltuples, 0)::bigint as "rows!", m.dimensions, m.metric, m.storage,
       pg_relation_size(c.oid) as "bytes!"
  from embedding_models m
  join pg_class c on c.oid = to_regclass('embeddings_' || m.id)
 where m.id = @model_id;

-- name: SampleVectors :many
select content_type as "content_type!", embedding as "embedding!"
  from sample_vectors(@tenant_id, @model_id, @wanted);

-- name: BeginVectorTrial :one
select begin_vector_trial(@tenant_id, @model_id, @rows, @queries, @results) as "rows!";

-- name: TryVectorIndex :many
select effort as "effort!", recall as "recall!", search_us as "search_us!", build_us as "build_us!"
  from try_vector_index(@model_id,
         jsonb_populate_record(null::vector_indexes,
           jsonb_build_object('kind', @kind::text, 'storage', @storage::text, 'm', sqlc.narg(m)::integer,
                              'ef_construction', sqlc.narg(ef_construction)::integer, 'lists', sqlc.narg(lists)::integer,
                              'candidates', @candidates::integer)),
         @results, @efforts::integer[]);

-- How far the server is with building it.
-- name: VectorIndexProgress :one
select phase as "phase!", greatest(blocks_done, tuples_done) as "done!", greatest(blocks_total, tuples_total) as "total!"
  from pg_stat_progress_create_index
 where index_relid = to_regclass(quote_ident(@name::text));

-- One who builds or drops a model's indexes at a time; the session's end gives it back.
-- name: TryIndexLock :one
select pg_try_advisory_lock(hashtext('loci vector index'), @model_id) as "locked!";

-- name: ReleaseIndexLock :one
select pg_advisory_unlock(hashtext('loci vector index'), @model_id) as "released!";

-- name: LogVectorDecision :exec
insert into vector_decisions (model_id, action, reason) values (@model_id, @action, @reason);

-- name: ListVectorDecisions :many
select action, reason, decided_at from vector_decisions
 where model_id = @model_id order by id desc limit @max_rows::integer;

-- Which pgvector there is: what may be built by several workers depends on it.
-- name: PgvectorVersion :one
select extversion as version from pg_extension where extname = 'vector';
