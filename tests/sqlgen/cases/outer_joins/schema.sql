create table authors (id bigint primary key, name text not null, bio text);
create table books (id bigint primary key, author_id bigint not null, title text not null, pages int);
create table reviews (id bigint primary key, book_id bigint not null references books, stars int not null, body text);
