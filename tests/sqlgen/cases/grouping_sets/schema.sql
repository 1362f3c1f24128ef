create table sales (id bigint primary key, year int not null, shop text not null, region text, amount numeric not null);
create table places (id int primary key, name varchar not null, size bigint not null, open bool not null);
create table spots (name varchar not null, size int not null);
create function two_more(int) returns int language sql immutable as 'select $1 + 2';
