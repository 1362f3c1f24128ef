create type mood as enum ('sad', 'ok', 'happy');
create table authors (
  id bigint primary key,
  name text not null,
  bio text,
  mood mood not null default 'ok',
  tags text[] not null default '{}'
);
create table books (
  id uuid primary key,
  author_id bigint not null references authors,
  title text not null,
  price numeric(10, 2)
);
