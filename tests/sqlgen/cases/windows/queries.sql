-- name: Ranks :many
select id, row_number() over (order by points) as a, rank() over w as b, dense_rank() over w as c, percent_rank() over w as d, ntile(4) over w as e, cume_dist() over w as f
  from scores window w as (partition by team order by points);

-- name: LagAndLead :many
select lag(points) over w as a, lead(points, 2) over w as b, lag(points, 1, 0) over w as c, lead(bonus, 1, 0) over w as d
  from scores window w as (order by at);

-- name: Totals :many
select sum(points) over (partition by player) as a, count(*) over () as b, avg(points) over (order by at) as c, max(bonus) over () as d from scores;

-- name: FirstAndLast :many
select first_value(player) over w as a, last_value(player) over w as b, nth_value(player, 2) over w as c, first_value(bonus) over w as d
  from scores window w as (order by at);

-- name: FrameWithoutCurrentRow :many
select sum(points) over (order by at rows between 2 preceding and 1 preceding) as a, count(*) over (order by at rows between 1 following and 2 following) as b from scores;

-- name: FrameExcludesCurrentRow :many
select max(points) over (order by at rows between unbounded preceding and current row exclude current row) as a from scores;

-- name: FilteredWindow :many
select sum(points) filter (where bonus is not null) over (partition by player) as a, count(*) filter (where bonus > 1) over () as b from scores;

-- name: WindowOverAggregate :many
select team, sum(points) as total, rank() over (order by sum(points) desc) as place from scores group by team;

-- name: Top :many
select player, place from (select player, row_number() over (partition by team order by points desc) as place from scores) s where place <= @most;

-- name: WindowOfExpression :many
select points - lag(points) over (order by at) as change, coalesce(lag(points) over (order by at), 0) as before from scores;

-- name: ArrayWindow :many
select array_agg(bonus) over (partition by team) as a, string_agg(player, ',') over (partition by team) as b from scores;

-- name: OtherRowsUnderCase :many
select case when bonus is not null then lag(bonus, 1, 0) over w else 0 end as a,
       case when bonus is not null then first_value(bonus) over (order by id) else 0 end as b,
       case when bonus is not null then sum(bonus) over (partition by team) else 0 end as c,
       case when bonus is not null then lag(points, 1, bonus) over w else 0 end as d
  from scores window w as (order by id);

-- name: OtherGroupsUnderCase :many
select team, case when max(bonus) is not null then lag(max(bonus), 1, 0) over (order by team) else 0 end as a from scores group by team;
