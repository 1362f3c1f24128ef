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

-- name: LikewiseCast :many
select name || '!' as a from places group by rollup (name::text);

-- name: LikewiseCastNumber :many
select id * 1.5 as a from places group by rollup (id::numeric);

-- name: JoinedName :many
select upper(p.name) as a, count(*) as n from places p join spots s using (name) group by rollup (upper(name));

-- name: JoinedNumber :many
select s.size::bigint as a, s.size as b from spots s left join places p using (size) group by s.size, rollup (size);

-- name: LikeOnceComputed :many
select id + 2 as a, id as b from places group by id, rollup (id + (1 + 1));

-- name: LikeOnceTheFunctionIsInPlace :many
select id + 2 as a, coalesce(id + 2, 0) as b from places group by id, rollup (two_more(id));

-- name: TestLeftOut :many
select not (region is not null) as a, concat(region, 2) as b, coalesce(upper(region), 'none') as c from sales group by region, rollup (region is null), rollup (concat(region, 1 + 1)), rollup (upper(region));
