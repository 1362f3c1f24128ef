-- Lists, counts and existence of records. Asked by storage/selecting.cpp, which puts the filter's
-- conditions, the order and the limit behind the text: each ends in its WHERE clause, and its table goes by
-- the name t, the conversation of its rows by c.

-- name: SelectConversations :many
select t.* from conversations t where t.tenant_id = @tenant_id;

-- name: CountConversations :one
select count(*) as total from conversations t where t.tenant_id = @tenant_id;

-- name: AnyConversation :one
select true as found from conversations t where t.tenant_id = @tenant_id;

-- name: SelectMessages :many
select t.id, t.conversation_id, t.seq, t.parent_id, t.role, t.content, t.parts, t.model, t.metadata, t.source_id,
       t.created_at, t.version
  from messages t
  join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
 where t.tenant_id = @tenant_id;

-- name: CountMessages :one
select count(*) as total
  from messages t
  join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
 where t.tenant_id = @tenant_id;

-- name: AnyMessage :one
select true as found
  from messages t
  join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
 where t.tenant_id = @tenant_id;

-- Embeddings are whose their text is.
-- name: SelectEmbeddings :many
select t.model_id, t.content_type, t.content_id, t.chunk, t.embedding, t.content_hash, t.metadata, t.created_at,
       t.version
  from embeddings t
 where t.tenant_id = @tenant_id
   and (sqlc.narg(only_user)::text is null
        or exists (select from messages m
                     join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                    where t.content_type = 'message' and m.tenant_id = t.tenant_id and m.id = t.content_id
                      and c.user_id = sqlc.narg(only_user))
        or exists (select from memories m
                    where t.content_type = 'memory' and m.tenant_id = t.tenant_id and m.id = t.content_id
                      and m.user_id = sqlc.narg(only_user)));

-- name: CountEmbeddings :one
select count(*) as total
  from embeddings t
 where t.tenant_id = @tenant_id
   and (sqlc.narg(only_user)::text is null
        or exists (select from messages m
                     join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                    where t.content_type = 'message' and m.tenant_id = t.tenant_id and m.id = t.content_id
                      and c.user_id = sqlc.narg(only_user))
        or exists (select from memories m
                    where t.content_type = 'memory' and m.tenant_id = t.tenant_id and m.id = t.content_id
                      and m.user_id = sqlc.narg(only_user)));

-- name: AnyEmbedding :one
select true as found
  from embeddings t
 where t.tenant_id = @tenant_id
   and (sqlc.narg(only_user)::text is null
        or exists (select from messages m
                     join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
                    where t.content_type = 'message' and m.tenant_id = t.tenant_id and m.id = t.content_id
                      and c.user_id = sqlc.narg(only_user))
        or exists (select from memories m
                    where t.content_type = 'memory' and m.tenant_id = t.tenant_id and m.id = t.content_id
                      and m.user_id = sqlc.narg(only_user)));

-- What has expired is hidden, unless it is pinned.
-- name: SelectMemories :many
select t.* from memories t
 where t.tenant_id = @tenant_id and (t.pinned or t.expires_at is null or t.expires_at > now());

-- name: CountMemories :one
select count(*) as total from memories t
 where t.tenant_id = @tenant_id and (t.pinned or t.expires_at is null or t.expires_at > now());

-- name: AnyMemory :one
select true as found from memories t
 where t.tenant_id = @tenant_id and (t.pinned or t.expires_at is null or t.expires_at > now());

-- Those that are true now.
-- name: SelectValidMemories :many
select t.* from memories t
 where t.tenant_id = @tenant_id and (t.pinned or t.expires_at is null or t.expires_at > now())
   and t.valid_from <= now() and (t.valid_to is null or t.valid_to > now());

-- name: SelectTools :many
select t.* from tools t where t.tenant_id = @tenant_id;

-- name: CountTools :one
select count(*) as total from tools t where t.tenant_id = @tenant_id;

-- name: AnyTool :one
select true as found from tools t where t.tenant_id = @tenant_id;

-- name: SelectToolExecutions :many
select t.* from tool_executions t
  join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
 where t.tenant_id = @tenant_id;

-- name: CountToolExecutions :one
select count(*) as total from tool_executions t
  join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
 where t.tenant_id = @tenant_id;

-- name: AnyToolExecution :one
select true as found from tool_executions t
  join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
 where t.tenant_id = @tenant_id;

-- Where metadata holds a document, at most so many: through the index that row level security hides.
-- name: FindConversationsWith :many
select w as "id!" from conversations_with(@tenant_id, @document, @most) w;

-- name: FindMessagesWith :many
select w as "id!" from messages_with(@tenant_id, @document, @most) w;

-- name: FindMemoriesWith :many
select w as "id!" from memories_with(@tenant_id, @document, @most) w;

-- The database's own key for the cursors of lists.
-- name: GetCursorKey :one
select value from loci_secrets where name = 'cursor';
