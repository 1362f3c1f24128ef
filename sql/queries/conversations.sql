-- Conversations. Asked by storage::PostgresConversations and by the importer.
--
-- only_user narrows to what one user has; null: to nobody.

-- name: CreateConversations :many
-- nullable elements: sources, source_ids
insert into conversations (tenant_id, id, user_id, title, metadata, source, source_id, created_at, updated_at)
select @tenant_id, i.id, i.user_id, i.title, i.metadata, i.source, i.source_id, i.created_at, i.created_at
  from unnest(@ids::uuid[], @user_ids::text[], @titles::text[], @metadata::jsonb[], @sources::text[],
              @source_ids::text[], @created_at::timestamptz[]) with ordinality
       as i (id, user_id, title, metadata, source, source_id, created_at, place)
 order by i.place
returning *;

-- name: GetConversations :many
select * from conversations
 where tenant_id = @tenant_id and id in (sqlc.slice(ids)) and deleted_at is null
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user));

-- name: ConversationExists :one
select true as found from conversations
 where tenant_id = @tenant_id and id = @id and deleted_at is null
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user));

-- An argument that is null leaves its column as it is; the leaf has a flag, for it may become null. Whoever
-- sets the leaf has locked the conversation first.
-- name: UpdateConversation :one
update conversations c
   set title = coalesce(sqlc.narg(title), title),
       status = coalesce(sqlc.narg(status), status),
       metadata = coalesce(sqlc.narg(metadata), metadata),
       current_leaf_id = case when @sets_leaf::boolean then sqlc.narg(leaf_id)::uuid else current_leaf_id end,
       updated_at = now(),
       version = version + 1
 where tenant_id = @tenant_id and id = @id and deleted_at is null
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user))
   and (sqlc.narg(if_version)::bigint is null or version = sqlc.narg(if_version))
   and (sqlc.narg(leaf_id)::uuid is null
        or exists (select from messages m where m.tenant_id = c.tenant_id and m.id = sqlc.narg(leaf_id)
                      and m.conversation_id = c.id))
returning *;

-- name: SoftDeleteConversation :execrows
update conversations set deleted_at = now(), version = version + 1
 where tenant_id = @tenant_id and id = @id and deleted_at is null
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user));

-- Waits for the workers that are embedding messages of the conversation, before UnqueueConversation looks.
-- name: LockJobsOfConversation :exec
select from embedding_jobs j
  join messages m on m.tenant_id = j.tenant_id and m.id = j.content_id
 cross join embedding_models d
 where j.tenant_id = @tenant_id and j.model_id = d.id and j.content_type = 'message'
   and m.conversation_id = @id
 order by j.model_id, j.content_id
   for update of j;

-- What is erased is not embedded any more: its text must not leave the house. Asked after
-- SoftDeleteConversation, which waits for those that are adding messages. A vector beside a job is one of an
-- older text: it goes, too, for RequeueConversation queues what has none.
-- name: UnqueueConversation :exec
with unqueued as (
  delete from embedding_jobs j using messages m, embedding_models d
   where j.tenant_id = @tenant_id and j.model_id = d.id and j.content_type = 'message' and j.content_id = m.id
     and m.tenant_id = j.tenant_id and m.conversation_id = @id
     and exists (select from conversations c
                  where c.tenant_id = m.tenant_id and c.id = m.conversation_id and c.deleted_at is not null)
  returning j.model_id, j.content_id
)
delete from embeddings e using unqueued u
 where e.tenant_id = @tenant_id and e.model_id = u.model_id and e.content_type = 'message'
   and e.content_id = u.content_id;

-- name: RestoreConversation :one
update conversations set deleted_at = null, version = version + 1
 where tenant_id = @tenant_id and id = @id and deleted_at is not null
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user))
returning *;

-- What a restored conversation has and a model lacks.
-- name: RequeueConversation :exec
insert into embedding_jobs (tenant_id, model_id, content_type, content_id)
select m.tenant_id, e.id, 'message', m.id
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 cross join embedding_models e
 where m.tenant_id = @tenant_id and m.conversation_id = @id and c.deleted_at is null
   and e.status <> 'retired'
   and not exists (select from embeddings v
                    where v.tenant_id = m.tenant_id and v.model_id = e.id
                      and v.content_type = 'message' and v.content_id = m.id)
on conflict do nothing;

-- Its messages, tool executions, memories and embeddings go with it.
-- name: PurgeConversation :execrows
delete from conversations
 where tenant_id = @tenant_id and id = @id
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user));

-- Those that another purger is at are left to it. Materialised, for a plan that looked again would find others.
-- name: PurgeDeletedConversations :execrows
with doomed as materialized (
  select c.id from conversations c
   where c.tenant_id = @tenant_id and c.deleted_at < @erased_before
     and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
   order by c.deleted_at, c.id
   limit @max_rows
     for update skip locked)
delete from conversations c using doomed d where c.tenant_id = @tenant_id and c.id = d.id;

-- Whoever changes what a conversation holds comes one after the other.
-- name: LockConversation :one
select id from conversations
 where tenant_id = @tenant_id and id = @id and deleted_at is null
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user))
   for no key update;

-- New conversations of an import; those that are there already, by id or by source, are left alone.
-- name: ImportConversations :exec
-- nullable elements: sources, source_ids
insert into conversations (tenant_id, id, user_id, title, status, metadata, source, source_id,
                           created_at, updated_at)
select @tenant_id, i.id, i.user_id, i.title, i.status, i.metadata, i.source, i.source_id,
       i.created_at, i.updated_at
  from unnest(@ids::uuid[], @user_ids::text[], @titles::text[], @statuses::text[], @metadata::jsonb[],
              @sources::text[], @source_ids::text[], @created_at::timestamptz[],
              @updated_at::timestamptz[])
       as i (id, user_id, title, status, metadata, source, source_id, created_at, updated_at)
 order by i.source, i.source_id
on conflict do nothing;

-- Locks the conversations of an import, in one order for all importers.
-- name: LockImportedBySource :many
select c.id, c.source, c.source_id, c.last_seq,
       c.deleted_at is not null as erased
  from conversations c
  join unnest(@sources::text[], @source_ids::text[]) as i (source, source_id)
    on c.source = i.source and c.source_id = i.source_id
 where c.tenant_id = @tenant_id
 order by c.source, c.source_id
   for no key update of c;

-- The same for those that have no source: they are known by their id.
-- name: LockImportedById :many
select id, last_seq, deleted_at is not null as erased from conversations
 where tenant_id = @tenant_id and id in (sqlc.slice(ids)) and source is null
 order by id
   for no key update;

-- What an import adds to a conversation, told once its messages are in.
-- name: FinishImportedConversations :exec
-- nullable elements: leaf_ids, updated_at
update conversations c
   set last_seq = i.last_seq,
       current_leaf_id = coalesce(i.leaf_id, c.current_leaf_id),
       title = case when c.title = '' then i.title else c.title end,
       updated_at = greatest(c.updated_at, i.updated_at),
       version = version + 1
  from unnest(@ids::uuid[], @last_seqs::bigint[], @leaf_ids::uuid[], @titles::text[],
              @updated_at::timestamptz[]) as i (id, last_seq, leaf_id, title, updated_at)
 where c.tenant_id = @tenant_id and c.id = i.id;

-- name: ExportConversations :many
select * from conversations
 where tenant_id = @tenant_id and deleted_at is null
   and (sqlc.narg(only_id)::uuid is null or id = sqlc.narg(only_id))
   and (sqlc.narg(user_id)::text is null or user_id = sqlc.narg(user_id))
   and id > @after_id
 order by id
 limit @max_rows;

-- name: SearchConversationTitles :many
select c.* from conversations_titled(@tenant_id, @words, sqlc.narg(only_user), @max_rows) w (id)
  join conversations c on c.tenant_id = @tenant_id and c.id = w.id
 order by c.updated_at desc, c.id desc;

-- Everything of a user, in every table. Asked by storage::PostgresStorage.
-- name: EraseUser :many
select e.table_name as "table_name!", e.erased as "erased!", e.left_over as "left_over!"
  from erase_user(@tenant_id, @user_id) e;
