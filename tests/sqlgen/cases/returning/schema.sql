create table authors (id bigserial primary key, name text not null, bio text, karma int not null default 0);
create table books (id bigint primary key, author_id bigint not null, title text not null, pages int, unique (title));
create table changes (book_id bigint primary key, title text, pages int);
