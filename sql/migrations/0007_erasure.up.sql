-- Removes everything of a user, and says what that was: a row for each table that holds something of users.
-- What is left is counted after it: 0 everywhere, for what others stored of that user meanwhile goes as well,
-- until there is no more, and else the whole fails.
--
-- The conversations are locked first, so nothing is appended to them any more, then the texts, as by whoever
-- stores a vector of one. The queue goes before the vectors: that waits for a worker who is about to store some.
create function erase_user(erased_tenant uuid, erased_user text)
  returns table (table_name text, erased bigint, left_over bigint)
language plpgsql
as $$
declare
  talks    uuid[] := '{}';
  texts    uuid[] := '{}';
  memos    uuid[] := '{}';
  gone     bigint[] := '{0,0,0,0,0,0,0,0}';
  remain   bigint[];
  affected bigint;
begin
  for round in 1 .. 20 loop
    talks := talks || array(select c.id from conversations c
                             where c.tenant_id = erased_tenant and c.user_id = erased_user
                             order by c.id for update);
    memos := memos || array(select m.id from memories m
                             where m.tenant_id = erased_tenant
                               and (m.user_id = erased_user or m.conversation_id = any(talks))
                             order by m.id for update);
    texts := texts || array(select m.id from messages m
                             where m.tenant_id = erased_tenant and m.conversation_id = any(talks)
                             order by m.id for update);

    delete from memory_sources s
     where s.tenant_id = erased_tenant
       and (s.memory_id in (select unnest(memos)) or s.message_id in (select unnest(texts)));
    get diagnostics affected = row_count;
    gone[1] := gone[1] + affected;
    delete from memory_versions v where v.tenant_id = erased_tenant and v.memory_id in (select unnest(memos));
    get diagnostics affected = row_count;
    gone[2] := gone[2] + affected;
    delete from tool_executions t where t.tenant_id = erased_tenant and t.conversation_id in (select unnest(talks));
    get diagnostics affected = row_count;
    gone[3] := gone[3] + affected;
    delete from embedding_jobs j using embedding_models d, (select 'message' as type, unnest(texts) as id
                                     union all
                                     select 'memory', unnest(memos)) i
     where j.tenant_id = erased_tenant and j.model_id = d.id and j.content_type = i.type
       and j.content_id = i.id;
    get diagnostics affected = row_count;
    gone[4] := gone[4] + affected;
    delete from embeddings e using embedding_models d, (select 'message' as type, unnest(texts) as id
                                     union all
                                     select 'memory', unnest(memos)) i
     where e.tenant_id = erased_tenant and e.model_id = d.id and e.content_type = i.type
       and e.content_id = i.id;
    get diagnostics affected = row_count;
    gone[5] := gone[5] + affected;
    delete from memories m where m.tenant_id = erased_tenant and m.id in (select unnest(memos));
    get diagnostics affected = row_count;
    gone[6] := gone[6] + affected;
    delete from messages m where m.tenant_id = erased_tenant and m.conversation_id in (select unnest(talks));
    get diagnostics affected = row_count;
    gone[7] := gone[7] + affected;
    delete from conversations c where c.tenant_id = erased_tenant and c.id in (select unnest(talks));
    get diagnostics affected = row_count;
    gone[8] := gone[8] + affected;

    remain := array[
      (select count(*) from memory_sources s
        where s.tenant_id = erased_tenant
          and (s.memory_id in (select unnest(memos)) or s.message_id in (select unnest(texts)))),
      (select count(*) from memory_versions v
        where v.tenant_id = erased_tenant and v.memory_id in (select unnest(memos))),
      (select count(*) from tool_executions t
        where t.tenant_id = erased_tenant and t.conversation_id in (select unnest(talks))),
      (select count(*) from embedding_jobs j, embedding_models d,
                            (select 'message' as type, unnest(texts) as id
                             union all
                             select 'memory', unnest(memos)) i
        where j.tenant_id = erased_tenant and j.model_id = d.id and j.content_type = i.type
          and j.content_id = i.id),
      (select count(*) from embeddings e, embedding_models d,
                            (select 'message' as type, unnest(texts) as id
                             union all
                             select 'memory', unnest(memos)) i
        where e.tenant_id = erased_tenant and e.model_id = d.id and e.content_type = i.type
          and e.content_id = i.id),
      (select count(*) from memories m
        where m.tenant_id = erased_tenant and (m.user_id = erased_user or m.conversation_id in (select unnest(talks)))),
      (select count(*) from messages m
        where m.tenant_id = erased_tenant and m.conversation_id in (select unnest(talks))),
      (select count(*) from conversations c
        where c.tenant_id = erased_tenant and c.user_id = erased_user)];
    if 0 = all(remain) then
      return query
        select n.name, gone[n.place], remain[n.place]
          from unnest(array['memory_sources', 'memory_versions', 'tool_executions', 'embedding_jobs',
                            'embeddings', 'memories', 'messages', 'conversations'])
               with ordinality as n (name, place)
         order by n.place desc;
      return;
    end if;
  end loop;
  raise exception 'records of the user keep being stored while they are removed'
    using errcode = 'serialization_failure';
end
$$;
