-- Embeddings, their models, and the queue of what has yet to be embedded.

-- name: AddEmbeddingModel :one
select add_embedding_model(@name, @dimensions) as "id!";

-- name: GetModel :one
select id, dimensions from embedding_models where name = @name;

-- name: GetActiveModel :one
select id, name, dimensions from embedding_models where status = 'active';

-- name: ListModels :many
select id, name, dimensions, status from embedding_models order by id;

-- What a worker has made of its jobs. Replaces what is there; in one order for all, so that two who store the same
-- wait and do not deadlock. The jobs it holds keep the texts there: whoever removes one waits for its job.
-- name: StoreEmbeddings :exec
insert into embeddings (tenant_id, model_id, content_type, content_id, chunk, embedding, content_hash, metadata)
select @tenant_id, i.*
  from unnest(@model_ids::integer[], @content_types::text[], @content_ids::uuid[], @chunks::integer[],
              @embeddings::vector[], @content_hashes::bytea[], @metadata::jsonb[])
       as i (model_id, content_type, content_id, chunk, embedding, content_hash, metadata)
 order by i.model_id, i.content_type, i.content_id, i.chunk
on conflict (tenant_id, model_id, content_type, content_id, chunk)
do update set embedding = excluded.embedding, content_hash = excluded.content_hash,
              metadata = excluded.metadata, created_at = now(), version = embeddings.version + 1;

-- The same for whoever holds no job. Locks the texts, as a foreign key would: whoever removes one waits, and then
-- finds its vectors; when that one was first, the text is gone and the vector is refused.
-- name: ReplaceEmbeddings :exec
with message as materialized (
  select m.id from messages m
   where m.tenant_id = @tenant_id
     and m.id in (select i.id from unnest(@content_types::text[], @content_ids::uuid[]) as i (type, id)
                   where i.type = 'message')
   order by m.id
     for key share
), memory as materialized (
  select m.id from memories m
   where m.tenant_id = @tenant_id
     and m.id in (select i.id from unnest(@content_types::text[], @content_ids::uuid[]) as i (type, id)
                   where i.type = 'memory')
   order by m.id
     for key share
)
insert into embeddings (tenant_id, model_id, content_type, content_id, chunk, embedding, content_hash, metadata)
select @tenant_id, i.model_id, i.content_type,
       case when i.content_type = 'message' and i.content_id in (select m.id from message m)
              or i.content_type = 'memory' and i.content_id in (select m.id from memory m)
            then i.content_id else refuse_vector(i.content_type, i.content_id) end,
       i.chunk, i.embedding, i.content_hash, i.metadata
  from unnest(@model_ids::integer[], @content_types::text[], @content_ids::uuid[], @chunks::integer[],
              @embeddings::vector[], @content_hashes::bytea[], @metadata::jsonb[])
       as i (model_id, content_type, content_id, chunk, embedding, content_hash, metadata)
 order by i.model_id, i.content_type, i.content_id, i.chunk
on conflict (tenant_id, model_id, content_type, content_id, chunk)
do update set embedding = excluded.embedding, content_hash = excluded.content_hash,
              metadata = excluded.metadata, created_at = now(), version = embeddings.version + 1;

-- Locks the texts as ReplaceEmbeddings does.
-- name: CreateEmbeddings :many
with message as materialized (
  select m.id from messages m
   where m.tenant_id = @tenant_id
     and m.id in (select i.id from unnest(@content_types::text[], @content_ids::uuid[]) as i (type, id)
                   where i.type = 'message')
   order by m.id
     for key share
), memory as materialized (
  select m.id from memories m
   where m.tenant_id = @tenant_id
     and m.id in (select i.id from unnest(@content_types::text[], @content_ids::uuid[]) as i (type, id)
                   where i.type = 'memory')
   order by m.id
     for key share
)
insert into embeddings (tenant_id, model_id, content_type, content_id, chunk, embedding, content_hash, metadata)
select @tenant_id, i.model_id, i.content_type,
       case when i.content_type = 'message' and i.content_id in (select m.id from message m)
              or i.content_type = 'memory' and i.content_id in (select m.id from memory m)
            then i.content_id else refuse_vector(i.content_type, i.content_id) end,
       i.chunk, i.embedding, i.content_hash, i.metadata
  from unnest(@model_ids::integer[], @content_types::text[], @content_ids::uuid[], @chunks::integer[],
              @embeddings::vector[], @content_hashes::bytea[], @metadata::jsonb[]) with ordinality
       as i (model_id, content_type, content_id, chunk, embedding, content_hash, metadata, place)
 order by i.place
returning model_id, content_type, content_id, chunk, metadata, created_at, version;

-- A text that is not the user's; vectors are stored for what is theirs alone.
-- name: FindForeignContent :one
select i.content_id
  from unnest(@content_types::text[], @content_ids::uuid[]) as i (content_type, content_id)
 where i.content_id is not null
   and not exists (select from messages m
                     join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                    where i.content_type = 'message' and m.tenant_id = @tenant_id and m.id = i.content_id
                      and c.user_id = @only_user)
   and not exists (select from memories m
                    where i.content_type = 'memory' and m.tenant_id = @tenant_id and m.id = i.content_id
                      and m.user_id = @only_user)
 limit 1;

-- Embeddings are whose their text is.
-- name: GetEmbeddings :many
select e.model_id, e.content_type, e.content_id, e.chunk, e.embedding, e.content_hash, e.metadata, e.created_at,
       e.version
  from embeddings e
  join unnest(@model_ids::integer[], @content_types::text[], @content_ids::uuid[], @chunks::integer[])
       as i (model_id, content_type, content_id, chunk)
    on e.model_id = i.model_id and e.content_type = i.content_type and e.content_id = i.content_id
   and e.chunk = i.chunk
 where e.tenant_id = @tenant_id
   and (sqlc.narg(only_user)::text is null
        or exists (select from messages m
                     join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                    where e.content_type = 'message' and m.tenant_id = e.tenant_id and m.id = e.content_id
                      and c.user_id = sqlc.narg(only_user))
        or exists (select from memories m
                    where e.content_type = 'memory' and m.tenant_id = e.tenant_id and m.id = e.content_id
                      and m.user_id = sqlc.narg(only_user)));

-- name: ListEmbeddingsOfText :many
select e.model_id, e.content_type, e.content_id, e.chunk, e.embedding, e.content_hash, e.metadata, e.created_at,
       e.version
  from embeddings e
 where e.tenant_id = @tenant_id and e.model_id = @model_id
   and e.content_type = @content_type and e.content_id = @content_id
   and (sqlc.narg(only_user)::text is null
        or exists (select from messages m
                     join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                    where e.content_type = 'message' and m.tenant_id = e.tenant_id and m.id = e.content_id
                      and c.user_id = sqlc.narg(only_user))
        or exists (select from memories m
                    where e.content_type = 'memory' and m.tenant_id = e.tenant_id and m.id = e.content_id
                      and m.user_id = sqlc.narg(only_user)))
 order by e.chunk;

-- name: UpdateEmbedding :one
update embeddings e
   set embedding = coalesce(sqlc.narg(embedding)::vector, embedding),
       content_hash = coalesce(sqlc.narg(content_hash), content_hash),
       metadata = coalesce(sqlc.narg(metadata), metadata),
       version = version + 1
 where e.tenant_id = @tenant_id and e.model_id = @model_id and e.content_type = @content_type
   and e.content_id = @content_id and e.chunk = @chunk
   and (sqlc.narg(if_version)::bigint is null or e.version = sqlc.narg(if_version))
   and (sqlc.narg(only_user)::text is null
        or exists (select from messages m
                     join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                    where e.content_type = 'message' and m.tenant_id = e.tenant_id and m.id = e.content_id
                      and c.user_id = sqlc.narg(only_user))
        or exists (select from memories m
                    where e.content_type = 'memory' and m.tenant_id = e.tenant_id and m.id = e.content_id
                      and m.user_id = sqlc.narg(only_user)))
returning e.model_id, e.content_type, e.content_id, e.chunk, e.embedding, e.content_hash, e.metadata,
          e.created_at, e.version;

-- name: EraseEmbedding :execrows
delete from embeddings e
 where e.tenant_id = @tenant_id and e.model_id = @model_id and e.content_type = @content_type
   and e.content_id = @content_id and e.chunk = @chunk
   and (sqlc.narg(only_user)::text is null
        or exists (select from messages m
                     join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                    where e.content_type = 'message' and m.tenant_id = e.tenant_id and m.id = e.content_id
                      and c.user_id = sqlc.narg(only_user))
        or exists (select from memories m
                    where e.content_type = 'memory' and m.tenant_id = e.tenant_id and m.id = e.content_id
                      and m.user_id = sqlc.narg(only_user)));

-- Chunks past the new last one, after a text got shorter.
-- name: TrimEmbeddings :exec
delete from embeddings e using unnest(@content_ids::uuid[], @chunks::integer[]) as i (content_id, chunks)
 where e.tenant_id = @tenant_id and e.model_id = @model_id and e.content_type = @content_type
   and e.content_id = i.content_id and e.chunk >= i.chunks;

-- Every model that is not retired gets a job for each message.
-- name: EnqueueMessages :exec
insert into embedding_jobs (tenant_id, model_id, content_type, content_id)
select @tenant_id, m.id, 'message', i
  from embedding_models m, unnest(@message_ids::uuid[]) as i
 where m.status <> 'retired'
on conflict do nothing;

-- One row for whoever comes first: then this tenant's older messages have yet to be queued.
-- name: BeginCoverage :execrows
insert into embedding_coverage (tenant_id, model_id) values (@tenant_id, @model_id)
on conflict do nothing;

-- Messages without an embedding of this model: stored before the model was known.
-- name: EnqueueMissing :execrows
insert into embedding_jobs (tenant_id, model_id, content_type, content_id)
select m.tenant_id, @model_id, 'message', m.id
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and c.deleted_at is null and m.content ~ '\S'
   and not exists (select from embeddings e
                    where e.tenant_id = m.tenant_id and e.model_id = @model_id
                      and e.content_type = 'message' and e.content_id = m.id)
on conflict do nothing;

-- Takes jobs for this transaction; a worker that dies gives them back by dying. What failed before
-- is asked for apart from what was never tried. An erased message has no text any more.
-- name: ClaimJobs :many
select j.content_id, case when c.deleted_at is null then m.content else '' end as content, m.version
  from embedding_jobs j
  join messages m on m.tenant_id = j.tenant_id and m.id = j.content_id
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where j.tenant_id = @tenant_id and j.model_id = @model_id and j.content_type = 'message'
   and j.not_before <= now() and (j.attempts > 0) = @tried_before
 order by j.content_id
 limit @max_rows
   for update of j skip locked;

-- The claim is held while an embedder far away is asked, however long that takes.
-- name: HoldClaim :one
select set_config('idle_in_transaction_session_timeout', '0', true) as "value!";

-- What was changed meanwhile, or is being changed or removed right now, stays in the queue; waiting for whoever
-- removes it, who waits for the claim, would be a deadlock.
-- name: FinishJobs :exec
with unchanged as (
  select m.id, m.version from messages m
   where m.tenant_id = @tenant_id and m.id = any(@content_ids::uuid[])
   order by m.id
     for share skip locked
)
delete from embedding_jobs j
 using unchanged m, unnest(@content_ids::uuid[], @versions::bigint[]) as i (content_id, version)
 where j.tenant_id = @tenant_id and j.model_id = @model_id and j.content_type = 'message'
   and j.content_id = m.id and i.content_id = m.id and i.version = m.version;

-- Tried again later, later each time: 2, 4, 8 ... minutes, an hour at most.
-- name: PostponeJobs :exec
update embedding_jobs
   set attempts = attempts + 1, last_error = @error,
       not_before = now() + least(interval '1 hour', interval '1 minute' * 2 ^ least(attempts + 1, 10))
 where tenant_id = @tenant_id and model_id = @model_id and content_type = 'message'
   and content_id in (sqlc.slice(content_ids));

-- name: CountJobs :one
select count(*) as waiting, count(*) filter (where attempts > 0) as failed
  from embedding_jobs where tenant_id = @tenant_id and model_id = @model_id;
