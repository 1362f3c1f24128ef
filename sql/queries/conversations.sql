-- Conversations. Asked by storage::PostgresConversations and by the importer.

-- name: CreateConversation :one
insert into conversations (tenant_id, id, user_id, title, metadata, source, source_id, created_at, updated_at)
values (@tenant_id, @id, @user_id, @title, @metadata, sqlc.narg(source), sqlc.narg(source_id),
        @created_at, @created_at)
returning *;

-- name: GetConversation :one
select * from conversations where tenant_id = @tenant_id and id = @id and deleted_at is null;

-- name: ConversationExists :one
select true as found from conversations
 where tenant_id = @tenant_id and id = @id and deleted_at is null;

-- Newest first; a page continues after the last row of the one before.
-- name: ListConversations :many
select * from conversations
 where tenant_id = @tenant_id and deleted_at is null
   and (sqlc.narg(user_id)::text is null or user_id = sqlc.narg(user_id))
   and (sqlc.narg(after_updated_at)::timestamptz is null
        or (updated_at, id) < (sqlc.narg(after_updated_at), sqlc.narg(after_id)::uuid))
 order by updated_at desc, id desc
 limit @max_rows;

-- name: CountConversations :one
select count(*) as total from conversations
 where tenant_id = @tenant_id and deleted_at is null
   and (sqlc.narg(user_id)::text is null or user_id = sqlc.narg(user_id));

-- An argument that is null leaves its column as it is.
-- name: UpdateConversation :one
update conversations
   set title = coalesce(sqlc.narg(title), title),
       status = coalesce(sqlc.narg(status), status),
       metadata = coalesce(sqlc.narg(metadata), metadata),
       updated_at = now()
 where tenant_id = @tenant_id and id = @id and deleted_at is null
returning *;

-- name: SoftDeleteConversation :execrows
update conversations set deleted_at = now()
 where tenant_id = @tenant_id and id = @id and deleted_at is null;

-- What is erased is not embedded any more: its text must not leave the house. Asked after
-- SoftDeleteConversation, which waits for those that are adding messages.
-- name: UnqueueConversation :exec
delete from embedding_jobs j using messages m
 where j.tenant_id = @tenant_id and j.content_type = 'message' and j.content_id = m.id
   and m.tenant_id = j.tenant_id and m.conversation_id = @id;

-- Its messages, tool executions and embeddings go with it.
-- name: PurgeConversation :execrows
delete from conversations where tenant_id = @tenant_id and id = @id;

-- The row lock under which message numbers are handed out.
-- name: LockConversation :one
select last_seq, current_leaf_id from conversations
 where tenant_id = @tenant_id and id = @id and deleted_at is null
   for no key update;

-- name: AdvanceConversation :exec
update conversations set last_seq = @last_seq, current_leaf_id = @leaf_id, updated_at = now()
 where tenant_id = @tenant_id and id = @id;

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
       updated_at = greatest(c.updated_at, i.updated_at)
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
