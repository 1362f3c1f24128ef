-- Conversations, messages and the tool calls made in them.
--
-- tenant_id stands first in every key. Row level security is forced as a backstop: a query that
-- forgets its tenant finds nothing. The tenant of a session is the setting loci.tenant_id.
--
-- Names that stand in an index are of the collation "C", in every table: lists order text by its bytes, and an
-- index of the database's own collation would serve none of them (and break with the system's next locale).

create function loci_tenant() returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('loci.tenant_id', true), '')::uuid $$;

comment on function loci_tenant() is 'The tenant of this session; null when none is set.';

-- A text's words in order: runs of letters and digits, in lower case, whatever the database's locale. The text
-- search parser is of no use here: it takes main.cpp for a host, and finds neither of its words. A word ends at
-- 500 characters, since a lexeme ends at 2,046 bytes.
create function split_words(words text) returns text[]
language sql immutable parallel safe
as $$
  select array(select left(word, 500)
                 from regexp_split_to_table(lower(words collate "pg_c_utf8"), '[^[:alnum:]]+' collate "pg_c_utf8")
                      with ordinality as w (word, place)
                where word <> ''
                order by place)
$$;

create function title_words(title text) returns tsvector
language sql immutable parallel safe
return array_to_tsvector(split_words(title));

create table conversations (
  tenant_id       uuid        not null,
  id              uuid        not null,
  user_id         text        collate "C" not null,
  title           text        not null default '',
  status          text        not null default 'active' check (status in ('active', 'archived')),
  metadata        jsonb       not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  current_leaf_id uuid,
  last_seq        bigint      not null default 0,
  source          text        collate "C",
  source_id       text        collate "C",
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  deleted_at      timestamptz,
  version         bigint      not null default 1,
  primary key (tenant_id, id),
  check ((source is null) = (source_id is null))
);

comment on column conversations.current_leaf_id is 'The last message of the branch last worked on.';
comment on column conversations.last_seq is 'The highest messages.seq; the row lock hands out the next.';
comment on column conversations.source is 'Where it was imported from; with source_id its name there.';

create unique index conversations_source on conversations (tenant_id, source, source_id)
  where source is not null;
create index conversations_recent on conversations (tenant_id, user_id, updated_at desc, id desc)
  where deleted_at is null;
create index conversations_updated on conversations (tenant_id, updated_at desc, id desc)
  where deleted_at is null;
create index conversations_deleted on conversations (tenant_id, deleted_at, id)
  where deleted_at is not null;
create index conversations_metadata on conversations using gin (metadata jsonb_path_ops)
  where metadata <> '{}';
create index conversations_title on conversations using gin (title_words(title));

create table messages (
  tenant_id       uuid        not null,
  id              uuid        not null,
  conversation_id uuid        not null,
  seq             bigint      not null check (seq > 0),
  parent_id       uuid,
  role            text        not null check (role in ('user', 'assistant', 'system', 'tool')),
  content         text        not null,
  parts           json,
  model           text,
  metadata        jsonb       not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  source_id       text,
  created_at      timestamptz not null default now(),
  version         bigint      not null default 1,
  -- A tsvector ends at 1 MB of lexemes; 100,000 characters stay below it in any language.
  tsv             tsvector    not null generated always as
                    (to_tsvector('pg_catalog.english'::regconfig, left(content, 100000))) stored,
  unique (tenant_id, conversation_id, seq),
  check (parent_id <> id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);

comment on column messages.seq is 'Position in the conversation, from 1, without gaps.';
comment on column messages.parent_id is 'The message this one answers or edits; siblings are branches.';
comment on column messages.parts is 'Every block of the original, byte for byte (json keeps its text).';

create index messages_parent on messages (tenant_id, parent_id) where parent_id is not null;
create index messages_tsv on messages using gin (tsv);
create index messages_created on messages (tenant_id, created_at desc, id desc);
create index messages_metadata on messages using gin (metadata jsonb_path_ops) where metadata <> '{}';

-- The primary key comes last. On a table without statistics all indexes that begin with tenant_id seem
-- to cost the same, and the planner takes the youngest; a session keeps the plan of its checks of
-- parents, so with another one it would go through all messages of the tenant for each new one.
alter table messages add primary key (tenant_id, id);
alter table messages add foreign key (tenant_id, parent_id) references messages (tenant_id, id);

-- The conversation of a message by now: being volatile it sees what was committed since the statement that calls it
-- began, as the check of a foreign key does. Null: there is no such message.
create function conversation_of_message(tenant uuid, message uuid) returns uuid
language plpgsql volatile
as $$
begin
  return (select m.conversation_id from messages m where m.tenant_id = tenant and m.id = message);
end
$$;

create table tool_executions (
  tenant_id         uuid        not null,
  message_id        uuid        not null,
  tool_call_id      text        collate "C" not null,
  conversation_id   uuid        not null,
  tool_name         text        collate "C" not null,
  arguments         json        not null,
  status            text        not null default 'pending'
                      check (status in ('pending', 'running', 'ok', 'error', 'denied', 'cancelled')),
  result            json,
  error             text,
  attempts          integer     not null default 0 check (attempts >= 0),
  result_message_id uuid,
  started_at        timestamptz,
  ended_at          timestamptz,
  version           bigint      not null default 1,
  primary key (tenant_id, message_id, tool_call_id),
  foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade,
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);

comment on column tool_executions.message_id is 'The assistant message that asked for the call.';
comment on column tool_executions.result_message_id is 'The message that carries what came back.';

create index tool_executions_tool on tool_executions (tenant_id, tool_name, status, message_id);
create index tool_executions_open on tool_executions (tenant_id, conversation_id)
  where status in ('pending', 'running');
create index tool_executions_call on tool_executions (tenant_id, conversation_id, tool_call_id);
-- Times come in order, or nearly: a BRIN of a few pages finds a span of them, and unlike a B-tree does not slow
-- down each change of status.
create index tool_executions_started on tool_executions using brin (started_at) with (pages_per_range = 16);
create index tool_executions_result on tool_executions (tenant_id, result_message_id)
  where result_message_id is not null;

alter table conversations   enable row level security;
alter table conversations   force  row level security;
alter table messages        enable row level security;
alter table messages        force  row level security;
alter table tool_executions enable row level security;
alter table tool_executions force  row level security;

create policy tenant on conversations   using (tenant_id = (select loci_tenant()));
create policy tenant on messages        using (tenant_id = (select loci_tenant()));
create policy tenant on tool_executions using (tenant_id = (select loci_tenant()));
