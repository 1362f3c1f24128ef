-- Embeddings, one partition a model, and the queue of what has yet to be embedded.

-- Spaces of vectors. They hold nothing of any user, so they belong to no tenant.
create table embedding_models (
  id         integer     generated always as identity primary key,
  name       text        not null unique,
  dimensions integer     not null check (dimensions between 1 and 16000),
  metric     text        not null default 'cosine' check (metric in ('cosine', 'inner_product', 'l2')),
  storage    text        not null default 'vector' check (storage in ('vector', 'halfvec', 'bit')),
  status     text        not null default 'building' check (status in ('building', 'active', 'retired')),
  created_at timestamptz not null default now()
);

create unique index embedding_models_active on embedding_models (status) where status = 'active';

create table embeddings (
  tenant_id    uuid        not null,
  model_id     integer     not null references embedding_models (id),
  content_type text        collate "C" not null check (content_type in ('message', 'memory')),
  content_id   uuid        not null,
  chunk        integer     not null default 0 check (chunk >= 0),
  embedding    vector      not null,
  content_hash bytea       not null,
  metadata     jsonb       not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  created_at   timestamptz not null default now(),
  version      bigint      not null default 1,
  primary key (tenant_id, model_id, content_type, content_id, chunk)
) partition by list (model_id);

create index embeddings_created on embeddings (tenant_id, created_at, model_id, content_type, content_id, chunk);

comment on column embeddings.content_hash is 'Of the text that was embedded: tells whether it is stale.';

create table embedding_jobs (
  tenant_id    uuid        not null,
  model_id     integer     not null references embedding_models (id) on delete cascade,
  content_type text        not null check (content_type in ('message', 'memory')),
  content_id   uuid        not null,
  attempts     integer     not null default 0,
  last_error   text,
  not_before   timestamptz not null default now(),
  primary key (tenant_id, model_id, content_type, content_id)
);

-- The tenants whose older messages were queued for a model; newer ones queue themselves.
create table embedding_coverage (
  tenant_id uuid        not null,
  model_id  integer     not null references embedding_models (id) on delete cascade,
  begun_at  timestamptz not null default now(),
  primary key (tenant_id, model_id)
);

alter table embeddings         enable row level security;
alter table embeddings         force  row level security;
alter table embedding_jobs     enable row level security;
alter table embedding_jobs     force  row level security;
alter table embedding_coverage enable row level security;
alter table embedding_coverage force  row level security;

create policy tenant on embeddings         using (tenant_id = (select loci_tenant()));
create policy tenant on embedding_jobs     using (tenant_id = (select loci_tenant()));
create policy tenant on embedding_coverage using (tenant_id = (select loci_tenant()));

-- Refuses a vector whose text is not there, as a foreign key would; the key of a vector refers to either table.
create function refuse_vector(content_type text, content_id uuid) returns uuid
language plpgsql volatile
as $$
begin
  raise exception 'there is no % % to store a vector of', content_type, content_id
    using errcode = 'foreign_key_violation';
end
$$;

-- What is gone takes its vectors and its place in the queue with it. The trigger's argument is the
-- content_type that the table's rows have. The queue first: that waits for a worker who has the text and is
-- about to store its vectors, which the second statement then sees. The models are named because both keys
-- begin with them.
create function forget_embeddings() returns trigger
language plpgsql
as $$
begin
  delete from embedding_jobs j using gone g, embedding_models d
   where j.tenant_id = g.tenant_id and j.model_id = d.id and j.content_type = tg_argv[0]
     and j.content_id = g.id;
  delete from embeddings e using gone g, embedding_models d
   where e.tenant_id = g.tenant_id and e.model_id = d.id and e.content_type = tg_argv[0]
     and e.content_id = g.id;
  return null;
end
$$;

create trigger forget_embeddings after delete on messages
  referencing old table as gone
  for each statement execute function forget_embeddings('message');

-- Registers a model and makes its partition; gives the id of the one there is when the name is known.
-- The first model ever is active at once.
--
-- A transaction that stores messages reads the models to queue them, and holds that read lock to its
-- end. The exclusive lock here waits for all of them: whoever stored without knowing the new model has
-- committed before it, and is found by whoever queues the older messages. So look first whether the model
-- is there, in a transaction of its own, and call this in a short one that has not read the table.
create function add_embedding_model(model_name text, model_dimensions integer) returns integer
language plpgsql
as $$
declare
  model embedding_models;
  part  text;
begin
  lock table embedding_models in access exclusive mode;
  select * into model from embedding_models where name = model_name;
  if not found then
    insert into embedding_models (name, dimensions, status)
    values (model_name, model_dimensions,
            case when exists (select from embedding_models where status = 'active')
                 then 'building' else 'active' end)
    returning * into model;
    part := 'embeddings_' || model.id;
    execute format('create table %I partition of embeddings for values in (%s)', part, model.id);
    execute format('alter table %I add check (vector_dims(embedding) = %s)', part, model.dimensions);
    execute format('alter table %I enable row level security', part);
    execute format('alter table %I force row level security', part);
    execute format('create policy tenant on %I using (tenant_id = (select loci_tenant()))', part);
  end if;
  if model.dimensions <> model_dimensions then
    raise exception 'embedding model % has % dimensions, not %',
      model_name, model.dimensions, model_dimensions
      using errcode = 'invalid_parameter_value',
            hint = 'Give the model with the other dimensions another name.';
  end if;
  return model.id;
end
$$;
