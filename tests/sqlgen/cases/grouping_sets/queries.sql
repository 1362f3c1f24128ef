-- name: Rollup :many
select year, shop, sum(amount) as total from sales group by rollup (year, shop);

-- name: Cube :many
select year, shop, count(*) as n from sales group by cube (year, shop);

-- name: GroupingSets :many
select year, shop, grouping(year) as g, count(*) as n from sales group by grouping sets ((year), (shop), ());

-- name: OneKeyInEverySet :many
select year, shop, count(*) as n from sales group by year, rollup (shop);

-- name: SetsWithoutEmpty :many
select year, sum(amount) as total from sales group by grouping sets ((year), (shop));

-- name: CoalescedRollup :many
select coalesce(shop, 'all') as shop, coalesce(sum(amount), 0) as total from sales group by rollup (shop);

-- name: RollupInSubquery :many
select x.year, x.n from (select year, count(*) as n from sales group by rollup (year)) x;

-- name: RollupFilteredByGrouping :many
select upper(shop) as loud, max(year) as latest from sales group by cube (shop);
