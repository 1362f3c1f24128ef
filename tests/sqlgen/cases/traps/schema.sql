create table a (id bigint primary key, name text not null, note text, size int, flag bool, body jsonb not null default '{}');
create table b (id bigint primary key, a_id bigint, title text not null, note text, size int);
create function coin() returns int language sql volatile as 'select case when random() < 0.5 then 1 end';
