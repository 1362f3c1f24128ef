-- +goose Up
create table customers (
  id    bigint generated always as identity primary key,
  email text not null unique,
  name  text
);
create table orders (
  id          bigint generated always as identity primary key,
  customer_id bigint not null references customers,
  cents       bigint not null check (cents > 0),
  placed_at   timestamptz not null default now()
);
create index on orders (customer_id);

-- +goose Down
drop table orders;
drop table customers;
