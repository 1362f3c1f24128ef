create table things (
  id bigint primary key,
  name text not null,
  note text,
  amount numeric not null,
  size int,
  made timestamptz not null,
  gone timestamptz,
  span int4range not null,
  flag bool not null,
  maybe bool
);
create function twice(int) returns int language sql strict as 'select $1 * 2';
create function hidden(int) returns int language sql strict as 'select nullif($1, 1)';
