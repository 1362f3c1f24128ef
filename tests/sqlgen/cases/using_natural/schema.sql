create table people (id bigint primary key, name text not null, city text);
create table pets (id bigint not null, name text, owner text not null);
create table cities (city text not null, people bigint);
