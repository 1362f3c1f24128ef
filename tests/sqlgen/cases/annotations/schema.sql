create table users (
  id bigint generated always as identity primary key,
  name text not null,
  mail text,
  seen timestamptz not null default now()
);
create table events (user_id bigint not null references users, kind text not null, note text);
