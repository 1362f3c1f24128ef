-- Messages and the tool calls made in them. Asked by storage::PostgresMessages and by the importer.

-- One batch in one trip; parents may stand in the same batch.
-- name: CreateMessages :exec
-- nullable elements: parent_ids, parts, models, source_ids
insert into messages (tenant_id, id, conversation_id, seq, parent_id, role, content, parts, model,
                      metadata, source_id, created_at)
select @tenant_id, i.*
  from unnest(@ids::uuid[], @conversation_ids::uuid[], @seqs::bigint[], @parent_ids::uuid[],
              @roles::text[], @contents::text[], @parts::json[], @models::text[], @metadata::jsonb[],
              @source_ids::text[], @created_at::timestamptz[]) as i;

-- A parent that stands in another conversation; the foreign key sees only that it exists.
-- name: FindForeignParent :one
select id from messages
 where tenant_id = @tenant_id and id in (sqlc.slice(parent_ids)) and conversation_id <> @conversation_id
 limit 1;

-- The messages of an erased conversation are as hidden as it is, here and below.
-- name: GetMessage :one
select m.tenant_id, m.id, m.conversation_id, m.seq, m.parent_id, m.role, m.content, m.parts, m.model,
       m.metadata, m.source_id, m.created_at
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and m.id = @id and c.deleted_at is null;

-- name: ListMessages :many
select m.tenant_id, m.id, m.conversation_id, m.seq, m.parent_id, m.role, m.content, m.parts, m.model,
       m.metadata, m.source_id, m.created_at
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and m.conversation_id = @conversation_id and m.seq > @after_seq
   and c.deleted_at is null
 order by m.seq
 limit @max_rows;

-- name: ListLatestMessages :many
select m.tenant_id, m.id, m.conversation_id, m.seq, m.parent_id, m.role, m.content, m.parts, m.model,
       m.metadata, m.source_id, m.created_at
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and m.conversation_id = @conversation_id and c.deleted_at is null
 order by m.seq desc
 limit @max_rows;

-- name: CountMessages :one
select count(*) as total
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and c.deleted_at is null
   and (sqlc.narg(conversation_id)::uuid is null or m.conversation_id = sqlc.narg(conversation_id));

-- The messages from the first one to `leaf_id`: one branch of the tree.
-- name: ListPath :many
with recursive path as (
  select m.*, 0 as depth
    from messages m
    join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
   where m.tenant_id = @tenant_id and m.id = @leaf_id and c.deleted_at is null
  union all
  select m.*, p.depth + 1 from messages m
    join path p on m.tenant_id = p.tenant_id and m.id = p.parent_id
)
select tenant_id, id, conversation_id, seq, parent_id, role, content, parts, model, metadata, source_id,
       created_at
  from path order by depth desc;

-- Which of these conversations' messages are there already.
-- name: ListMessageIds :many
select conversation_id, id from messages
 where tenant_id = @tenant_id and conversation_id in (sqlc.slice(conversation_ids));

-- name: CreateToolExecutions :exec
insert into tool_executions (tenant_id, message_id, tool_call_id, conversation_id, tool_name, arguments,
                             status, started_at)
select @tenant_id, i.*
  from unnest(@message_ids::uuid[], @tool_call_ids::text[], @conversation_ids::uuid[],
              @tool_names::text[], @arguments::json[], @statuses::text[], @started_at::timestamptz[]) as i
on conflict do nothing;

-- Links what came back to the call it answers.
-- name: FinishToolExecutions :exec
update tool_executions t
   set status = i.status, result_message_id = i.result_message_id, ended_at = i.ended_at
  from unnest(@conversation_ids::uuid[], @tool_call_ids::text[], @statuses::text[],
              @result_message_ids::uuid[], @ended_at::timestamptz[])
       as i (conversation_id, tool_call_id, status, result_message_id, ended_at)
 where t.tenant_id = @tenant_id and t.conversation_id = i.conversation_id
   and t.tool_call_id = i.tool_call_id and t.status = 'pending';

-- name: ListToolExecutions :many
select t.* from tool_executions t
  join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
 where t.tenant_id = @tenant_id and t.conversation_id = @conversation_id and c.deleted_at is null
 order by t.started_at, t.message_id, t.tool_call_id;
