create table items (id bigint primary key, name text not null, note text, a int, b int, price numeric not null);
