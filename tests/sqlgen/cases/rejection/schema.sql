create table a (id bigint primary key, name text not null, note text, size int, flag bool);
create table b (id bigint primary key, a_id bigint, title text not null, note text, size int);
