-- name: AllOfEmptyArrayIsTrue :many
select note from a where note <> all(@list::text[]);

-- name: NotInEmptySliceIsTrue :many
select size from a where size not in (sqlc.slice(sizes));

-- name: AllOfEmptySubqueryIsTrue :many
select size from a where size > all (select b.size from b where b.title = 'no such');

-- name: NotInEmptySubqueryIsTrue :many
select size from a where size not in (select b.size from b where b.title = 'no such');

-- name: NotOfConjunction :many
select note, size from a where not (note <> 'a' and size > 1);

-- name: NotOfDisjunction :many
select note, size from a where not (note <> 'a' or size > 1);

-- name: RowInequality :many
select note, size from a where (note, size) <> ('a', 1);

-- name: RowOrder :many
select size, note from a where (size, note) > (1, 'a');

-- name: ArrayIsNeverNull :many
select note from a where array[note] is not null;

-- name: RowIsNotNull :many
select b.id, b.title from a left join b on b.a_id = a.id where not (b is null);

-- name: RowIsNotNullLeavesMembers :many
select b.note from a left join b on b.a_id = a.id where not (b is null);

-- name: GreatestPassesOverNull :many
select size from a where greatest(size, 3) > 2;

-- name: ConcatTakesNull :many
select note from a where concat(note, 'x') <> '' and format('%s', note) <> 'q';

-- name: IsNotFalse :many
select note from a where (note = 'a') is not false;

-- name: OrTrue :many
select note from a where note is not null or id > 0;

-- name: RejectedThenRolledUp :many
select note, count(*) as n from a where note is not null group by rollup (note);

-- name: RejectedThenAggregated :many
select max(note) as top, min(size) as least from a where note is not null and size > 1;

-- name: RejectedThenWindowed :many
select max(note) over () as top from a where note is not null;

-- name: RejectedThenOuterJoined :many
select b.id, s.x from b left join (select id, note as x from a where note is not null) s on s.id = b.a_id;

-- name: VolatileTwice :many
select coin() as c from a where coin() is not null;

-- name: ExpressionOfNewValue :many
update a set note = sqlc.narg(note) where length(note) > 0 returning length(note) as size, upper(note) as loud;

-- name: JsonMemberProven :many
select body ->> 'a' as a from a where body ->> 'a' is not null;

-- name: OtherJsonMember :many
select body ->> 'b' as b from a where body ->> 'a' is not null;

-- name: ConditionOnTheOtherAlias :many
select two.note from a one join a two on two.id <> one.id where one.note is not null;

-- name: ConditionOfOneArm :many
select note from a where note is not null union all select note from b;

-- name: EitherTableRejected :many
select a.note, b.title from a full join b on b.a_id = a.id where a.name <> '' or b.title <> '';

-- name: BothBranchesRejectTheSame :many
select b.id, b.size from a left join b on b.a_id = a.id where b.size > 3 or b.title = 'a';

-- name: LateralOnNullableOuter :many
select a.id, l.note from a left join lateral (select a.note where a.note is not null) l on true;

-- name: CoalesceProvesNothing :many
select size, note from a where coalesce(size, 1) > 0 and nullif(note, 'a') is null;

-- name: AggregateOfEmptySubquery :many
select max(s.x) as top from (select 1 as x where @none::bool) s;

-- name: FilterBeforeHaving :many
select a.name, sum(a.size) filter (where a.flag) as total from a where a.size is not null group by a.name having count(*) > 0;

-- name: CaseOfOuterJoin :many
select case when a.size > 1 then b.title else a.name end as t from a left join b on b.a_id = a.id;

-- name: InsertedFromFiltered :many
insert into b (id, title, note) select id + 500, name, nullif(note, 'a') from a where note is not null returning id, title, note, a_id;

-- name: UpdatedFromFilteredSource :many
update b set note = a.note from a where a.id = b.a_id and b.note is not null returning b.note, b.a_id;

-- name: DistinctOnNullable :many
select distinct on (note) note, id from a order by note, id;

-- name: SetReturningUnderCase :many
select a.id, generate_series(1, a.size) as n from a;

-- name: TwoSetsReturned :many
select generate_series(1, 3) as x, generate_series(1, a.size) as y from a;

-- name: ExistsOfOneGroup :many
select size from a where exists (select 1 from b where b.size = a.size having true);

-- name: ExistsOfGroups :many
select size from a where exists (select 1 from b where b.size = a.size group by b.id having true);
