create table authors (id bigint primary key, name text not null, bio text, boss_id bigint references authors);
create table books (id bigint primary key, author_id bigint not null references authors, title text not null, pages int);
