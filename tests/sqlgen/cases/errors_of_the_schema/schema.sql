create table fine (id bigint primary key);
create table broken (
  id bigint primary key,
  kind nonsense
);
