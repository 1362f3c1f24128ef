-- Tools and what became of their calls. Asked by storage::PostgresTools and storage::PostgresToolExecutions.

-- Whoever numbers versions of a tool comes one after the other; names in one order for all.
-- name: LockToolNames :exec
select pg_advisory_xact_lock(n.key)
  from (select distinct hashtextextended('loci.tools ' || i, 0) as key
          from unnest(@names::text[]) as i
         order by 1) as n;

-- A tool without a version gets the one past the newest of its name, of those before it in the batch, too: `nth`
-- counts the ones without, and one with a version v moves those behind it up to v - nth + their own nth.
-- name: CreateTools :many
-- nullable elements: tool_versions
with item as (
  select i.*, (count(*) filter (where i.tool_version is null)
               over (partition by i.name order by i.place))::integer as nth
    from unnest(@ids::uuid[], @names::text[], @tool_versions::integer[], @descriptions::text[],
                @schemas::json[], @metadata::jsonb[]) with ordinality
         as i (id, name, tool_version, description, schema, metadata, place)
)
insert into tools (tenant_id, id, name, tool_version, description, schema, metadata)
select @tenant_id, i.id, i.name,
       coalesce(i.tool_version,
                i.nth + greatest(0, max(i.tool_version - i.nth) over (partition by i.name order by i.place),
                                 (select max(t.tool_version) from tools t
                                   where t.tenant_id = @tenant_id and t.name = i.name))),
       i.description, i.schema, i.metadata
  from item i
 order by i.place
returning *;

-- name: GetTools :many
select * from tools where tenant_id = @tenant_id and id in (sqlc.slice(ids));

-- name: FindTool :one
select * from tools
 where tenant_id = @tenant_id and name = @name
   and (sqlc.narg(tool_version)::integer is null or tool_version = sqlc.narg(tool_version))
 order by tool_version desc
 limit 1;

-- name: UpdateTool :one
update tools
   set description = coalesce(sqlc.narg(description), description),
       status = coalesce(sqlc.narg(status), status),
       metadata = coalesce(sqlc.narg(metadata), metadata),
       updated_at = now(),
       version = version + 1
 where tenant_id = @tenant_id and id = @id
   and (sqlc.narg(if_version)::bigint is null or version = sqlc.narg(if_version))
returning *;

-- name: EraseTool :execrows
delete from tools where tenant_id = @tenant_id and id = @id;

-- The conversation is the message's; where the caller sees none, one that does not exist, which the foreign
-- key refuses.
-- name: BeginToolExecutions :many
insert into tool_executions (tenant_id, message_id, tool_call_id, conversation_id, tool_name, arguments)
select @tenant_id, i.message_id, i.tool_call_id,
       coalesce(c.id, '00000000-0000-0000-0000-000000000000'), i.tool_name, i.arguments
  from unnest(@message_ids::uuid[], @tool_call_ids::text[], @tool_names::text[], @arguments::json[])
       with ordinality as i (message_id, tool_call_id, tool_name, arguments, place)
  left join messages m on m.tenant_id = @tenant_id and m.id = i.message_id
  left join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
   and c.deleted_at is null and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
 order by i.place
returning *;

-- name: GetToolExecutions :many
select t.* from tool_executions t
  join unnest(@message_ids::uuid[], @tool_call_ids::text[]) as i (message_id, tool_call_id)
    on t.message_id = i.message_id and t.tool_call_id = i.tool_call_id
  join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
 where t.tenant_id = @tenant_id and c.deleted_at is null
   and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user));

-- A status is reached from one of `from_statuses` alone, whoever else changes it meanwhile. Flags stand beside
-- what may become null. The message that carries the result is one of the same conversation; whoever names one
-- has locked that first.
-- name: UpdateToolExecution :one
update tool_executions t
   set status = coalesce(sqlc.narg(status), status),
       result = case when @sets_result::boolean then sqlc.narg(result)::json else result end,
       error = case when @sets_error::boolean then sqlc.narg(error)::text else error end,
       result_message_id = case when @sets_result_message::boolean then sqlc.narg(result_message_id)::uuid
                                else result_message_id end,
       attempts = attempts + (status <> 'running' and sqlc.narg(status)::text is not distinct from 'running')::integer,
       started_at = case when status <> 'running' and sqlc.narg(status)::text = 'running'
                         then clock_timestamp() else started_at end,
       ended_at = case when status = coalesce(sqlc.narg(status)::text, status) then ended_at
                       when sqlc.narg(status)::text in ('ok', 'error', 'denied', 'cancelled')
                       then clock_timestamp() end,
       version = version + 1
 where t.tenant_id = @tenant_id and t.message_id = @message_id and t.tool_call_id = @tool_call_id
   and (sqlc.narg(status)::text is null or t.status = any(@from_statuses::text[]))
   and (sqlc.narg(if_version)::bigint is null or t.version = sqlc.narg(if_version))
   and (sqlc.narg(result_message_id)::uuid is null
        or exists (select from messages m
                    where m.tenant_id = t.tenant_id and m.id = sqlc.narg(result_message_id)
                      and m.conversation_id = t.conversation_id))
   and exists (select from conversations c
                where c.tenant_id = t.tenant_id and c.id = t.conversation_id and c.deleted_at is null
                  and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user)))
returning *;

-- name: EraseToolExecution :execrows
delete from tool_executions t
 where t.tenant_id = @tenant_id and t.message_id = @message_id and t.tool_call_id = @tool_call_id
   and exists (select from conversations c
                where c.tenant_id = t.tenant_id and c.id = t.conversation_id and c.deleted_at is null
                  and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user)));

-- name: CancelOpenToolExecutions :execrows
update tool_executions t
   set status = 'cancelled', ended_at = clock_timestamp(), version = version + 1
 where t.tenant_id = @tenant_id and t.conversation_id = @conversation_id
   and t.status in ('pending', 'running')
   and exists (select from conversations c
                where c.tenant_id = t.tenant_id and c.id = t.conversation_id and c.deleted_at is null
                  and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user)));
