-- Which keys of a batch that was refused are in use already, whoever may see what uses them. Asked by
-- storage/batch.hpp.

-- name: TakenConversations :many
select id from conversations where tenant_id = @tenant_id and id in (sqlc.slice(ids));

-- name: TakenMessages :many
select id from messages where tenant_id = @tenant_id and id in (sqlc.slice(ids));

-- One that has expired may yet give way.
-- name: TakenMemories :many
select id from memories
 where tenant_id = @tenant_id and id in (sqlc.slice(ids))
   and (pinned or expires_at is null or expires_at > now());

-- name: TakenTools :many
select id from tools where tenant_id = @tenant_id and id in (sqlc.slice(ids));

-- name: TakenToolExecutions :many
select t.message_id, t.tool_call_id from tool_executions t
  join unnest(@message_ids::uuid[], @tool_call_ids::text[]) as i (message_id, tool_call_id)
    on t.message_id = i.message_id and t.tool_call_id = i.tool_call_id
 where t.tenant_id = @tenant_id;

-- name: TakenEmbeddings :many
select e.model_id, e.content_type, e.content_id, e.chunk from embeddings e
  join unnest(@model_ids::integer[], @content_types::text[], @content_ids::uuid[], @chunks::integer[])
       as i (model_id, content_type, content_id, chunk)
    on e.model_id = i.model_id and e.content_type = i.content_type and e.content_id = i.content_id
   and e.chunk = i.chunk
 where e.tenant_id = @tenant_id;
