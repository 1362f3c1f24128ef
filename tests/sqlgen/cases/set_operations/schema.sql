create table authors (id bigint primary key, name text not null, bio text);
create table editors (id bigint primary key, name text not null, bio text, desk int);
