-- A library: what the test of generated code runs on.
create type mood as enum ('good', 'so-so', 'so so', 'NULL', '1st "prize"');
create domain email as text check (value like '%@%');
create table moods (id int primary key, name text not null);
create table authors (
  id bigint primary key,
  name text not null,
  mail email,
  mood mood not null default 'good',
  tags text[] not null default '{}',
  born date,
  errno int
);
create table books (
  id uuid primary key,
  author_id bigint not null references authors,
  title text not null,
  price numeric(10, 2),
  past_moods mood[] not null default '{}',
  cover bytea,
  written daterange
);
create table notes (text text, at timestamptz);
create function older_than(years int, since date) returns setof authors stable language sql
  as $$ select * from authors where born < since - years * 365 $$;
create type point_of_map as (x real, y real);
create type place as (
  street varchar(80), number int, mail email, mood mood, moods mood[], "at" point_of_map,
  corners point_of_map[]);
create table branches (id int primary key, place place not null, before place[] not null default '{}');
