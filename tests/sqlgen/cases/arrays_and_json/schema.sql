create table docs (
  id uuid primary key,
  tags text[] not null,
  notes text[],
  body jsonb not null,
  extra jsonb,
  raw json not null
);
create type list as enum ('{2,NULL}');
