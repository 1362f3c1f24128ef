create table sales (id bigint primary key, year int not null, shop text not null, region text, amount numeric not null);
