create table authors (id bigint primary key, name text not null, tags text[] not null);
create table books (id bigint primary key, author_id bigint not null references authors, title text not null, pages int);
