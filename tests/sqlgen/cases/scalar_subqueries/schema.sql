create table authors (id bigint primary key, name text not null, bio text);
create table books (id bigint primary key, author_id bigint not null, title text not null);
