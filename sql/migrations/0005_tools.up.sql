-- The tools that an assistant may call; what it called stands in tool_executions.

create table tools (
  tenant_id    uuid        not null,
  id           uuid        not null,
  name         text        collate "C" not null check (name <> ''),
  tool_version integer     not null check (tool_version > 0),
  description  text        not null default '',
  schema       json        not null,
  status       text        not null default 'active' check (status in ('active', 'retired')),
  metadata     jsonb       not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  version      bigint      not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, name, tool_version)
);

comment on column tools.schema is 'JSON Schema of the arguments, byte for byte.';

create index tools_name on tools (tenant_id, name, id);

alter table tools enable row level security;
alter table tools force  row level security;

create policy tenant on tools using (tenant_id = (select loci_tenant()));
