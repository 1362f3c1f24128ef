-- The tables and rows of the comparison: the same in every run, since ids are hashes and noise is seeded.
\set ON_ERROR_STOP on
create extension if not exists vector;
set maintenance_work_mem = '1GB';

create table conversations (
  id         uuid primary key,
  user_id    text not null,
  title      text not null,
  metadata   jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create table messages (
  id              uuid primary key,
  conversation_id uuid not null,
  role            text not null,
  content         text not null,
  metadata        jsonb not null default '{}',
  created_at      timestamptz not null default now()
);

insert into conversations
select md5('c' || i)::uuid,
       'user-' || i % 5000,
       'Conversation number ' || i || ' about topic ' || i % 97,
       jsonb_build_object('model', 'assistant-' || i % 3, 'pinned', i % 7 = 0,
                          'tags', jsonb_build_array('t' || i % 11, 'u' || i % 13)),
       timestamptz '2026-01-01' + i * interval '7 seconds',
       timestamptz '2026-02-01' + i * interval '7 seconds',
       null
  from generate_series(0, 99999) i;

-- A million: 10,000 conversations have 55 messages, the other 90,000 have 5. Inserted by message number,
-- so that the rows of one conversation lie on many pages, as they do in life.
insert into messages
select md5('m' || i || '/' || j)::uuid,
       md5('c' || i)::uuid,
       case j % 2 when 0 then 'user' else 'assistant' end,
       'Message ' || j || ' of conversation ' || i || ': ' || repeat(md5(i::text || j::text) || ' ', 8),
       jsonb_build_object('tokens', (i * 31 + j) % 4096, 'model', 'assistant-' || i % 3),
       timestamptz '2026-03-01' + j * interval '1 hour' + i * interval '1 millisecond'
  from generate_series(1, 55) j, generate_series(0, 99999) i
 where i < 10000 or j <= 5;
alter table messages add foreign key (conversation_id) references conversations (id);
create index messages_conv_created on messages (conversation_id, created_at);

-- The keys that clients draw from: the conversations with 55 messages.
create table bench_keys (n int primary key, id uuid not null);
insert into bench_keys select i, md5('c' || i)::uuid from generate_series(0, 9999) i;

-- What is written to; emptied before each measurement.
create table w_conversations (like conversations including all);
create table w_messages (like messages including all);
alter table w_messages add foreign key (conversation_id) references w_conversations (id);
create table bulk_messages (like messages including all);

-- 100,000 vectors in 200 clusters, and 1,000 to ask with.
select setseed(0.42) \g /dev/null
create table centres (k int primary key, x float8[]);
insert into centres
select k, (select array_agg(random_normal()) from generate_series(1, 384) where k is not null)
  from generate_series(0, 199) k;
create table embeddings (id uuid primary key, embedding vector(384) not null);
insert into embeddings
select md5('e' || i)::uuid,
       (select array_agg(x + 0.7 * random_normal()) from unnest(c.x) as t (x) where i is not null)::vector
  from generate_series(0, 99999) i join centres c on c.k = i % 200;
create table bench_queries (n int primary key, v vector(384) not null);
insert into bench_queries
select i, (select array_agg(x + 0.7 * random_normal()) from unnest(c.x) as t (x) where i is not null)::vector
  from generate_series(0, 999) i join centres c on c.k = i % 200;
create index embeddings_hnsw on embeddings using hnsw (embedding vector_cosine_ops)
  with (m = 16, ef_construction = 64);
vacuum analyze;
