-- What an assistant knows: memories, what they were before, and where they came from.

create table memories (
  tenant_id        uuid             not null,
  id               uuid             not null,
  user_id          text             collate "C" not null,
  agent_id         text             collate "C",
  conversation_id  uuid,
  namespace        text             collate "C" not null default '',
  kind             text             not null
                     check (kind in ('episodic', 'semantic', 'procedural', 'working')),
  content          text             not null check (content <> ''),
  content_hash     bytea            not null,
  importance       double precision not null default 0.5 check (importance between 0 and 1),
  pinned           boolean          not null default false,
  metadata         jsonb            not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  valid_from       timestamptz      not null default now(),
  valid_to         timestamptz,
  expires_at       timestamptz,
  superseded_by    uuid,
  access_count     bigint           not null default 0,
  last_accessed_at timestamptz,
  created_at       timestamptz      not null default now(),
  updated_at       timestamptz      not null default now(),
  deleted_at       timestamptz,
  version          bigint           not null default 1,
  primary key (tenant_id, id),
  check (valid_to >= valid_from),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);

comment on column memories.user_id is 'Whose it is; empty: every user''s.';
comment on column memories.content_hash is 'SHA-256 of content in UTF-8.';
comment on column memories.version is 'Goes up with every change but that of the access columns.';

-- The same content is one memory of its scope and kind while it lives; two who store it at once meet here.
create unique index memories_live
  on memories (tenant_id, content_hash, user_id, agent_id, conversation_id, namespace, kind)
  nulls not distinct
  where deleted_at is null and superseded_by is null;
create index memories_recent on memories (tenant_id, user_id, created_at desc, id desc)
  where deleted_at is null;
create index memories_created on memories (tenant_id, created_at desc, id desc) where deleted_at is null;
create index memories_conversation on memories (tenant_id, conversation_id)
  where conversation_id is not null;
create index memories_expiry on memories (tenant_id, expires_at) where expires_at is not null and not pinned;
create index memories_deleted on memories (tenant_id, deleted_at, id) where deleted_at is not null;
-- When a memory held; most have no end. A GiST index of tstzrange(valid_from, valid_to) would serve nobody: the operators
-- of ranges are not leakproof, so row level security hides it.
create index memories_ended on memories (tenant_id, valid_to, valid_from) where valid_to is not null;
create index memories_metadata on memories using gin (metadata jsonb_path_ops) where metadata <> '{}';

-- Rows of memories as they were until a change.
create table memory_versions (
  tenant_id   uuid             not null,
  memory_id   uuid             not null,
  version     bigint           not null,
  kind        text             not null,
  content     text             not null,
  importance  double precision not null,
  metadata    jsonb            not null,
  valid_from  timestamptz      not null,
  valid_to    timestamptz,
  replaced_at timestamptz      not null default now(),
  primary key (tenant_id, memory_id, version),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
);

create function keep_memory_version() returns trigger
language plpgsql
as $$
begin
  insert into memory_versions (tenant_id, memory_id, version, kind, content, importance, metadata, valid_from,
                               valid_to)
  values (old.tenant_id, old.id, old.version, old.kind, old.content, old.importance, old.metadata,
          old.valid_from, old.valid_to);
  return null;
end
$$;

create trigger keep_memory_version after update on memories
  for each row
  when ((old.kind, old.content, old.importance, old.metadata, old.valid_from, old.valid_to)
        is distinct from
        (new.kind, new.content, new.importance, new.metadata, new.valid_from, new.valid_to))
  execute function keep_memory_version();

-- The messages a memory came from.
create table memory_sources (
  tenant_id  uuid not null,
  memory_id  uuid not null,
  message_id uuid not null,
  primary key (tenant_id, memory_id, message_id),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade,
  foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade
);

create index memory_sources_message on memory_sources (tenant_id, message_id);

create trigger forget_embeddings after delete on memories
  referencing old table as gone
  for each statement execute function forget_embeddings('memory');

alter table memories        enable row level security;
alter table memories        force  row level security;
alter table memory_versions enable row level security;
alter table memory_versions force  row level security;
alter table memory_sources  enable row level security;
alter table memory_sources  force  row level security;

create policy tenant on memories        using (tenant_id = (select loci_tenant()));
create policy tenant on memory_versions using (tenant_id = (select loci_tenant()));
create policy tenant on memory_sources  using (tenant_id = (select loci_tenant()));
