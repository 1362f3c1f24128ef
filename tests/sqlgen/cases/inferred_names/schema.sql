create table authors (id bigint primary key, name text not null, bio text, born date);
create table books (id bigint primary key, author_id bigint not null, title text not null, price numeric not null);
