create type mood as enum ('sad', 'ok');
create table users (id bigint primary key, name text not null, mood mood);
create table pets (id bigint primary key, owner bigint not null);
