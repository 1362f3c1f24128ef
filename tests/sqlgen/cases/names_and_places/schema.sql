create schema app;
create schema "Odd Schema";
create type app.level as enum ('low', 'high');
create table app.users (id bigint primary key, name text not null, level app.level not null, mail text);
create table "Odd Schema"."Two Words" (id bigint primary key, "Mixed Case" text not null, "select" int, "ünï" text not null);
create table users (id bigint primary key, nick text, points int not null);
create function own(text) returns int language sql strict immutable as 'select nullif(length($1), 1)';
