-- Messages and the tool calls made in them. Asked by storage::PostgresMessages and by the importer.
--
-- The messages of an erased conversation are as hidden as it is. only_user narrows to the conversations of
-- one user; null: to nobody's.

-- Adds messages at the end of their conversations, all or none: nothing when one of these is not there, or
-- a parent is a message of another one. The row lock of a conversation hands out the numbers; whoever waits
-- for it finds the row as the one before left it. Parents may stand in the same batch, before their
-- children. One that is in no batch is looked for once the locks are there: by then whoever appended it to the
-- same conversation has committed. One that nobody sees even then becomes one that does not exist, which the
-- foreign key refuses; else it might be committed to another conversation before the key is checked. Who is stored a
-- second time does not follow himself: it is his id that is refused.
-- name: AppendMessages :many
-- nullable elements: parent_ids, parts, models, source_ids
with conversation as materialized (
  select c.id, c.last_seq, c.current_leaf_id from conversations c
   where c.tenant_id = @tenant_id and c.id = any(@conversation_ids::uuid[]) and c.deleted_at is null
     and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
   order by c.id
     for no key update
), item as (
  select i.*, row_number() over (partition by i.conversation_id order by i.place) as number,
         lag(i.id) over (partition by i.conversation_id order by i.place) as previous
    from unnest(@ids::uuid[], @conversation_ids::uuid[], @parent_ids::uuid[], @roles::text[],
                @contents::text[], @parts::json[], @models::text[], @metadata::jsonb[],
                @source_ids::text[], @created_at::timestamptz[]) with ordinality
         as i (id, conversation_id, parent_id, role, content, parts, model, metadata, source_id,
               created_at, place)
), parent as materialized (
  select i.place,
         coalesce((select p.conversation_id from messages p  -- no join: one made while the table is empty reads it all
                    where p.tenant_id = @tenant_id and p.id = i.parent_id),
                  conversation_of_message(@tenant_id, i.parent_id)) as conversation_id
    from item i
    join conversation c on c.id = i.conversation_id
   where i.parent_id is not null and i.parent_id not in (select o.id from item o)
), stray as (
  select i.place from item i
   where i.conversation_id not in (select c.id from conversation c)
  union all
  select i.place from item i
    join parent p on p.place = i.place
   where p.conversation_id <> i.conversation_id
), made as (
  insert into messages (tenant_id, id, conversation_id, seq, parent_id, role, content, parts, model,
                        metadata, source_id, created_at)
  select @tenant_id, i.id, i.conversation_id, c.last_seq + i.number,
         case when i.place in (select p.place from parent p where p.conversation_id is null)
              then '00000000-0000-0000-0000-000000000000'
              else coalesce(i.parent_id, nullif(coalesce(i.previous, c.current_leaf_id), i.id)) end,
         i.role, i.content, i.parts, i.model, i.metadata, i.source_id, i.created_at
    from item i
    join conversation c on c.id = i.conversation_id
   where not exists (select from stray)
   order by i.place
  returning id, conversation_id, seq, parent_id, metadata
), last as (
  select distinct on (conversation_id) conversation_id, seq, id from made order by conversation_id, seq desc
), advanced as (
  update conversations c
     set last_seq = l.seq, current_leaf_id = l.id, updated_at = now(), version = c.version + 1
    from last l
   where c.tenant_id = @tenant_id and c.id = any(@conversation_ids) and c.id = l.conversation_id
), queued as (
  insert into embedding_jobs (tenant_id, model_id, content_type, content_id)
  select @tenant_id, e.id, 'message', m.id
    from made m
   cross join embedding_models e
   where e.status <> 'retired'
  on conflict do nothing
)
select id, seq, parent_id, metadata from made;

-- One batch of an import in one trip; parents may stand in the same batch.
-- name: CreateMessages :exec
-- nullable elements: parent_ids, parts, models, source_ids
insert into messages (tenant_id, id, conversation_id, seq, parent_id, role, content, parts, model,
                      metadata, source_id, created_at)
select @tenant_id, i.*
  from unnest(@ids::uuid[], @conversation_ids::uuid[], @seqs::bigint[], @parent_ids::uuid[],
              @roles::text[], @contents::text[], @parts::json[], @models::text[], @metadata::jsonb[],
              @source_ids::text[], @created_at::timestamptz[]) as i;

-- name: GetMessages :many
select m.tenant_id, m.id, m.conversation_id, m.seq, m.parent_id, m.role, m.content, m.parts, m.model,
       m.metadata, m.source_id, m.created_at, m.version
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and m.id in (sqlc.slice(ids)) and c.deleted_at is null
   and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user));

-- name: MessageExists :one
select true as found
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and m.id = @id and c.deleted_at is null
   and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user));

-- An argument that is null leaves its column as it is; parts and model have flags, for they may become null.
-- A changed text is queued for embedding again.
-- name: UpdateMessage :one
with changed as (
  update messages m
     set content = coalesce(sqlc.narg(content), content),
         parts = case when @sets_parts::boolean then sqlc.narg(parts)::json else parts end,
         model = case when @sets_model::boolean then sqlc.narg(model)::text else model end,
         metadata = coalesce(sqlc.narg(metadata), metadata),
         version = version + 1
   where m.tenant_id = @tenant_id and m.id = @id
     and (sqlc.narg(if_version)::bigint is null or version = sqlc.narg(if_version))
     and exists (select from conversations c
                  where c.tenant_id = m.tenant_id and c.id = m.conversation_id and c.deleted_at is null
                    and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user)))
  returning m.tenant_id, m.id, m.conversation_id, m.seq, m.parent_id, m.role, m.content, m.parts, m.model,
            m.metadata, m.source_id, m.created_at, m.version
), queued as (
  insert into embedding_jobs (tenant_id, model_id, content_type, content_id)
  select m.tenant_id, e.id, 'message', m.id
    from changed m
   cross join embedding_models e
   where sqlc.narg(content)::text is not null and e.status <> 'retired'
  on conflict do nothing
)
select * from changed;

-- Locks the conversation of a message, before EraseMessage looks at what stands in it.
-- name: LockConversationOfMessage :one
select c.id from conversations c
 where c.tenant_id = @tenant_id
   and c.id = (select m.conversation_id from messages m where m.tenant_id = @tenant_id and m.id = @id)
   and c.deleted_at is null
   and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
   for no key update;

-- What answered the message answers its parent, and so does the conversation's leaf. Its tool calls and
-- vectors go with it.
-- name: EraseMessage :execrows
with gone as (
  select m.tenant_id, m.id, m.conversation_id, m.parent_id
    from messages m
    join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
   where m.tenant_id = @tenant_id and m.id = @id and c.deleted_at is null
     and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
), moved as (
  update messages m set parent_id = g.parent_id, version = m.version + 1
    from gone g
   where m.tenant_id = g.tenant_id and m.parent_id = g.id
), leaf as (
  update conversations c
     set current_leaf_id = case when c.current_leaf_id = g.id then g.parent_id else c.current_leaf_id end,
         updated_at = now(), version = c.version + 1
    from gone g
   where c.tenant_id = g.tenant_id and c.id = g.conversation_id
), unanswered as (
  update tool_executions t set result_message_id = null, version = t.version + 1
    from gone g
   where t.tenant_id = g.tenant_id and t.result_message_id = g.id and t.message_id <> g.id
)
delete from messages m using gone g where m.tenant_id = g.tenant_id and m.id = g.id;

-- name: ListMessages :many
select m.tenant_id, m.id, m.conversation_id, m.seq, m.parent_id, m.role, m.content, m.parts, m.model,
       m.metadata, m.source_id, m.created_at, m.version
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and m.conversation_id = @conversation_id and m.seq > @after_seq
   and c.deleted_at is null
   and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
 order by m.seq
 limit @max_rows;

-- name: ListLatestMessages :many
select m.tenant_id, m.id, m.conversation_id, m.seq, m.parent_id, m.role, m.content, m.parts, m.model,
       m.metadata, m.source_id, m.created_at, m.version
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and m.conversation_id = @conversation_id and c.deleted_at is null
   and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
 order by m.seq desc
 limit @max_rows;

-- The messages from the first one to `leaf_id`: one branch of the tree. A parent comes before its children;
-- that it does is asked here too, so that a circle would end and not fill the memory.
-- name: ListPath :many
with recursive path as (
  select m.*, 0 as depth
    from messages m
    join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
   where m.tenant_id = @tenant_id and m.id = @leaf_id and c.deleted_at is null
     and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
  union all
  select m.*, p.depth + 1 from messages m
    join path p on m.tenant_id = p.tenant_id and m.id = p.parent_id and m.seq < p.seq
)
select tenant_id, id, conversation_id, seq, parent_id, role, content, parts, model, metadata, source_id,
       created_at, version
  from path order by depth desc;

-- The end of the branch that leads to the current leaf, oldest first, and the messages whose calls each one
-- carries results of.
-- name: ListContext :many
with recursive branch as (
  select m.*, 1 as length
    from messages m
    join conversations c on c.tenant_id = m.tenant_id and c.current_leaf_id = m.id
   where c.tenant_id = @tenant_id and c.id = @conversation_id and c.deleted_at is null
     and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
  union all
  select m.*, b.length + 1 from messages m
    join branch b on m.tenant_id = b.tenant_id and m.id = b.parent_id and m.seq < b.seq
   where b.length < @max_rows::integer
)
select b.tenant_id, b.id, b.conversation_id, b.seq, b.parent_id, b.role, b.content, b.parts, b.model,
       b.metadata, b.source_id, b.created_at, b.version,
       array(select t.message_id from tool_executions t
              where t.tenant_id = b.tenant_id and t.result_message_id = b.id
                and t.conversation_id = b.conversation_id) as "caller_ids!"
  from branch b order by b.length desc;

-- name: ListReplies :many
select m.tenant_id, m.id, m.conversation_id, m.seq, m.parent_id, m.role, m.content, m.parts, m.model,
       m.metadata, m.source_id, m.created_at, m.version
  from messages m
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
 where m.tenant_id = @tenant_id and m.parent_id = @id and c.deleted_at is null
   and (sqlc.narg(only_user)::text is null or c.user_id = sqlc.narg(only_user))
 order by m.seq;

-- Which of these conversations' messages are there already.
-- name: ListMessageIds :many
select conversation_id, id from messages
 where tenant_id = @tenant_id and conversation_id in (sqlc.slice(conversation_ids));

-- name: CreateToolExecutions :exec
-- nullable elements: started_at
insert into tool_executions (tenant_id, message_id, tool_call_id, conversation_id, tool_name, arguments,
                             status, started_at)
select @tenant_id, i.*
  from unnest(@message_ids::uuid[], @tool_call_ids::text[], @conversation_ids::uuid[],
              @tool_names::text[], @arguments::json[], @statuses::text[], @started_at::timestamptz[]) as i
on conflict do nothing;

-- Links what came back to the call it answers.
-- name: FinishToolExecutions :exec
update tool_executions t
   set status = i.status, result_message_id = i.result_message_id, ended_at = i.ended_at,
       version = t.version + 1
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
