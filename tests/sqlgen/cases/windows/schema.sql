create table scores (id bigint primary key, player text not null, team text, points int not null, bonus int, at timestamptz not null);
