-- Memories. Asked by storage::PostgresMemories.
--
-- A memory is live while it is neither erased nor expired; a pinned one never expires. only_user narrows to
-- what one user has; null: to nobody. A conversation or a message that is not theirs becomes one that is not
-- there, which the foreign key refuses.

-- What has expired gives way to a new one of the same scope, kind and content.
-- name: CreateMemories :many
-- nullable elements: agent_ids, conversation_ids, valid_to, expires_at
with item as (
  select i.*, sha256(convert_to(i.content, 'UTF8')) as content_hash
    from unnest(@ids::uuid[], @user_ids::text[], @agent_ids::text[], @conversation_ids::uuid[],
                @namespaces::text[], @kinds::text[], @contents::text[], @importances::double precision[],
                @pinned::boolean[], @metadata::jsonb[], @valid_from::timestamptz[], @valid_to::timestamptz[],
                @expires_at::timestamptz[], @created_at::timestamptz[]) with ordinality
         as i (id, user_id, agent_id, conversation_id, namespace, kind, content, importance, pinned, metadata,
               valid_from, valid_to, expires_at, created_at, place)
), expired as (
  delete from memories m using item i
   where m.tenant_id = @tenant_id and m.content_hash = i.content_hash and m.user_id = i.user_id
     and m.agent_id is not distinct from i.agent_id
     and m.conversation_id is not distinct from i.conversation_id
     and m.namespace = i.namespace and m.kind = i.kind
     and m.deleted_at is null and m.superseded_by is null and not m.pinned and m.expires_at <= now()
  returning m.id
), made as (
  insert into memories (tenant_id, id, user_id, agent_id, conversation_id, namespace, kind, content,
                        content_hash, importance, pinned, metadata, valid_from, valid_to, expires_at,
                        created_at, updated_at)
  select @tenant_id, i.id, i.user_id, i.agent_id,
         case when sqlc.narg(only_user)::text is null or i.conversation_id is null
                or exists (select from conversations c
                            where c.tenant_id = @tenant_id and c.id = i.conversation_id
                              and c.user_id = sqlc.narg(only_user))
              then i.conversation_id else '00000000-0000-0000-0000-000000000000' end,
         i.namespace, i.kind, i.content, i.content_hash, i.importance, i.pinned, i.metadata, i.valid_from, i.valid_to, i.expires_at,
         i.created_at, i.created_at
    from item i
   where (select count(*) from expired) >= 0  -- first of all
   order by i.place
  returning *
), sourced as (
  insert into memory_sources (tenant_id, memory_id, message_id)
  select @tenant_id, s.memory_id,
         case when sqlc.narg(only_user)::text is null
                or exists (select from messages m
                             join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                            where m.tenant_id = @tenant_id and m.id = s.message_id
                              and c.user_id = sqlc.narg(only_user))
              then s.message_id else '00000000-0000-0000-0000-000000000000' end
    from unnest(@source_memories::uuid[], @source_messages::uuid[]) as s (memory_id, message_id)
  on conflict do nothing
)
select * from made;

-- The database decides whether it is there: two who store the same at once meet in memories_live. It was made
-- here when its version is 1. An expiry of null is the latest. One that has ceased to be true is true again, for as
-- long as it is said now.
-- name: UpsertMemory :one
with item as (
  select sha256(convert_to(@content, 'UTF8')) as content_hash
), expired as (
  delete from memories m using item i
   where m.tenant_id = @tenant_id and m.content_hash = i.content_hash and m.user_id = @user_id
     and m.agent_id is not distinct from sqlc.narg(agent_id)
     and m.conversation_id is not distinct from sqlc.narg(conversation_id)
     and m.namespace = @namespace and m.kind = @kind
     and m.deleted_at is null and m.superseded_by is null and not m.pinned and m.expires_at <= now()
  returning m.id
), stored as (
  insert into memories as m (tenant_id, id, user_id, agent_id, conversation_id, namespace, kind, content,
                             content_hash, importance, pinned, metadata, valid_from, valid_to, expires_at,
                             created_at, updated_at)
  select @tenant_id, @id, @user_id, sqlc.narg(agent_id)::text,
         case when sqlc.narg(only_user)::text is null or sqlc.narg(conversation_id)::uuid is null
                or exists (select from conversations c
                            where c.tenant_id = @tenant_id and c.id = sqlc.narg(conversation_id)
                              and c.user_id = sqlc.narg(only_user))
              then sqlc.narg(conversation_id)::uuid else '00000000-0000-0000-0000-000000000000' end,
         @namespace, @kind, @content, i.content_hash, @importance, @pinned, @metadata, @valid_from::timestamptz,
         sqlc.narg(valid_to)::timestamptz, sqlc.narg(expires_at)::timestamptz, @created_at::timestamptz,
         @created_at::timestamptz
    from item i
   where (select count(*) from expired) >= 0  -- first of all
  on conflict (tenant_id, content_hash, user_id, agent_id, conversation_id, namespace, kind)
        where deleted_at is null and superseded_by is null
  do update set importance = greatest(m.importance, excluded.importance),
                pinned = m.pinned or excluded.pinned,
                metadata = m.metadata || excluded.metadata,
                valid_from = case when m.valid_to <= now() then excluded.valid_from else m.valid_from end,
                valid_to = case when m.valid_to <= now() then excluded.valid_to else m.valid_to end,
                expires_at = case when m.expires_at is not null and excluded.expires_at is not null
                                  then greatest(m.expires_at, excluded.expires_at) end,
                updated_at = now(),
                version = m.version + 1
  returning *
), sourced as (
  insert into memory_sources (tenant_id, memory_id, message_id)
  select s.tenant_id, s.id,
         case when sqlc.narg(only_user)::text is null
                or exists (select from messages m
                             join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                            where m.tenant_id = @tenant_id and m.id = i
                              and c.user_id = sqlc.narg(only_user))
              then i else '00000000-0000-0000-0000-000000000000' end
    from stored s
   cross join unnest(@sources::uuid[]) as i
  on conflict do nothing
)
select * from stored;

-- name: GetMemories :many
select * from memories
 where tenant_id = @tenant_id and id in (sqlc.slice(ids))
   and deleted_at is null and (pinned or expires_at is null or expires_at > now())
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user));

-- An argument that is null leaves its column as it is; what may become null has a flag. What has expired gives way
-- to a memory that is changed into the same.
-- name: UpdateMemory :one
with expired as (
  delete from memories m using memories t
   where (sqlc.narg(kind)::text is not null or sqlc.narg(content)::text is not null)
     and t.tenant_id = @tenant_id and t.id = @id and t.superseded_by is null
     and t.deleted_at is null and (t.pinned or t.expires_at is null or t.expires_at > now())
     and (sqlc.narg(only_user)::text is null or t.user_id = sqlc.narg(only_user))
     and (sqlc.narg(if_version)::bigint is null or t.version = sqlc.narg(if_version))
     and m.tenant_id = t.tenant_id and m.user_id = t.user_id
     and m.content_hash = coalesce(sha256(convert_to(sqlc.narg(content), 'UTF8')), t.content_hash)
     and m.agent_id is not distinct from t.agent_id
     and m.conversation_id is not distinct from t.conversation_id
     and m.namespace = t.namespace and m.kind = coalesce(sqlc.narg(kind), t.kind)
     and m.deleted_at is null and m.superseded_by is null and not m.pinned and m.expires_at <= now()
  returning m.id
)
update memories
   set kind = coalesce(sqlc.narg(kind), kind),
       content = coalesce(sqlc.narg(content), content),
       content_hash = coalesce(sha256(convert_to(sqlc.narg(content), 'UTF8')), content_hash),
       importance = coalesce(sqlc.narg(importance), importance),
       pinned = coalesce(sqlc.narg(pinned), pinned),
       metadata = coalesce(sqlc.narg(metadata), metadata),
       valid_from = coalesce(sqlc.narg(valid_from), valid_from),
       valid_to = case when @sets_valid_to::boolean then sqlc.narg(valid_to)::timestamptz else valid_to end,
       expires_at = case when @sets_expires_at::boolean then sqlc.narg(expires_at)::timestamptz
                         else expires_at end,
       updated_at = now(),
       version = version + 1
 where tenant_id = @tenant_id and id = @id
   and deleted_at is null and (pinned or expires_at is null or expires_at > now())
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user))
   and (sqlc.narg(if_version)::bigint is null or version = sqlc.narg(if_version))
   and (select count(*) from expired) >= 0  -- first of all
returning *;

-- What is erased is not embedded any more.
-- name: SoftDeleteMemory :execrows
with unqueued as (
  delete from embedding_jobs j using embedding_models d, memories m
   where j.tenant_id = @tenant_id and j.model_id = d.id and j.content_type = 'memory' and j.content_id = @id
     and m.tenant_id = j.tenant_id and m.id = j.content_id
     and (sqlc.narg(only_user)::text is null or m.user_id = sqlc.narg(only_user))
)
update memories set deleted_at = now(), version = version + 1
 where tenant_id = @tenant_id and id = @id
   and deleted_at is null and (pinned or expires_at is null or expires_at > now())
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user));

-- The old one ends where the new one begins, or where it had ended before that; one that had not begun by then never
-- held. Before the new one is stored, which may say the same.
-- name: EndMemory :execrows
update memories
   set superseded_by = @by::uuid, valid_to = least(valid_to, greatest(valid_from, @ends_at::timestamptz)),
       updated_at = now(), version = version + 1
 where tenant_id = @tenant_id and id = @id and superseded_by is null
   and deleted_at is null and (pinned or expires_at is null or expires_at > now())
   and (sqlc.narg(only_user)::text is null or user_id = sqlc.narg(only_user));

-- name: ListMemoryVersions :many
select v.* from memory_versions v
  join memories m on m.tenant_id = v.tenant_id and m.id = v.memory_id
 where v.tenant_id = @tenant_id and v.memory_id = @id
   and m.deleted_at is null and (m.pinned or m.expires_at is null or m.expires_at > now())
   and (sqlc.narg(only_user)::text is null or m.user_id = sqlc.narg(only_user))
 order by v.version;

-- name: ListMemorySources :many
select s.message_id from memory_sources s
  join memories m on m.tenant_id = s.tenant_id and m.id = s.memory_id
 where s.tenant_id = @tenant_id and s.memory_id = @id
   and m.deleted_at is null and (m.pinned or m.expires_at is null or m.expires_at > now())
   and (sqlc.narg(only_user)::text is null or m.user_id = sqlc.narg(only_user))
 order by s.message_id;

-- Locked in one order, so that two who touch the same wait and do not deadlock.
-- name: TouchMemories :execrows
with touched as (
  select m.id from memories m
   where m.tenant_id = @tenant_id and m.id in (sqlc.slice(ids))
     and m.deleted_at is null and (m.pinned or m.expires_at is null or m.expires_at > now())
     and (sqlc.narg(only_user)::text is null or m.user_id = sqlc.narg(only_user))
   order by m.id
     for no key update
)
update memories m set access_count = m.access_count + 1, last_accessed_at = now()
  from touched t
 where m.tenant_id = @tenant_id and m.id = t.id;

-- Those that another sweeper is at are left to it.
-- name: SweepMemories :execrows
with doomed as materialized (
  select m.id from memories m
   where m.tenant_id = @tenant_id and m.expires_at <= @at and not m.pinned
     and (sqlc.narg(only_user)::text is null or m.user_id = sqlc.narg(only_user))
   order by m.expires_at
   limit @max_rows
     for update skip locked)
delete from memories m using doomed d where m.tenant_id = @tenant_id and m.id = d.id;

-- name: PurgeDeletedMemories :execrows
with doomed as materialized (
  select m.id from memories m
   where m.tenant_id = @tenant_id and m.deleted_at < @erased_before
     and (sqlc.narg(only_user)::text is null or m.user_id = sqlc.narg(only_user))
   order by m.deleted_at, m.id
   limit @max_rows
     for update skip locked)
delete from memories m using doomed d where m.tenant_id = @tenant_id and m.id = d.id;
