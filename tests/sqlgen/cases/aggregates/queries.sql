-- name: CountIsNeverNull :one
select count(*) as a, count(region) as b, count(distinct region) as c from sales;

-- name: WithoutGroupBy :one
select max(id) as a, sum(amount) as b, avg(amount) as c, min(shop) as d, bool_and(paid) as e from sales;

-- name: WithGroupBy :many
select shop, max(id) as a, sum(amount) as b, avg(amount) as c, bool_or(paid) as e from sales group by shop;

-- name: GroupedOverNullable :many
select shop, max(discount) as a, sum(discount) as b, min(region) as c, count(discount) as d from sales group by shop;

-- name: GroupedByNullable :many
select region, count(*) as n from sales group by region;

-- name: Filtered :many
select shop, sum(amount) filter (where paid) as a, count(*) filter (where paid) as b, array_agg(id) filter (where paid) as c from sales group by shop;

-- name: CoalescedSum :one
select coalesce(sum(amount), 0) as total, coalesce(max(id), 0) + 1 as next from sales;

-- name: Arrays :many
select shop, array_agg(id) as ids, array_agg(region) as regions, array_agg(id order by sold_at) as ordered from sales group by shop;

-- name: ArraysWithoutGroup :one
select array_agg(id) as ids, coalesce(array_agg(id), '{}') as sure, string_agg(shop, ',') as names from sales;

-- name: Strings :many
select shop, string_agg(shop, ',') as a, string_agg(region, ',') as b from sales group by shop;

-- name: Json :many
select shop, json_agg(region) as a, jsonb_agg(amount) as b, jsonb_object_agg(shop, region) as c from sales group by shop;

-- name: JsonWithoutGroup :one
select json_agg(shop) as a, coalesce(jsonb_agg(shop), '[]') as b from sales;

-- name: Deviation :many
select shop, stddev(amount) as a, variance(amount) as b, stddev_pop(amount) as c, corr(amount, discount) as d from sales group by shop;

-- name: OrderedSets :many
select shop, percentile_cont(0.5) within group (order by discount) as a, mode() within group (order by region) as b from sales group by shop;

-- name: OrderedSetOfNotNull :many
select shop, mode() within group (order by shop) as a from sales group by shop;

-- name: Having :many
select region, max(amount) as top from sales where region is not null group by region having count(*) > 1;

-- name: HavingRejects :many
select shop, max(discount) as top from sales group by shop having max(discount) > 3;

-- name: HavingWithoutGroup :many
select sum(amount) as total from sales having sum(amount) > 10;

-- name: ExpressionOfAggregates :many
select shop, sum(amount) / count(*) as a, sum(amount) - sum(discount) as b, max(sold_at) - min(sold_at) as c from sales group by shop;

-- name: AggregateOfExpression :many
select shop, sum(amount * discount) as a, sum(coalesce(discount, 0)) as b, max(case when paid then amount end) as c from sales group by shop;

-- name: GroupByExpression :many
select date_trunc('day', sold_at) as day, lower(region) as r, count(*) as n from sales group by 1, lower(region);

-- name: GroupByPrimaryKey :many
select id, shop, region, count(*) as n from sales group by id;

-- name: EmptyGroupBy :many
select sum(amount) as total from sales group by ();

-- name: AggregateOfOuterJoin :many
select s.shop, max(o.amount) as a, count(o.id) as b, bool_or(o.paid) as c
  from sales s left join sales o on o.id = s.id + 1 group by s.shop;
