create table sales (
  id bigint primary key,
  shop text not null,
  region text,
  amount numeric not null,
  discount numeric,
  paid bool not null,
  sold_at timestamptz not null
);
