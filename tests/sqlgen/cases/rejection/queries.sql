-- name: IsNotNull :many
select note, size from a where note is not null;

-- name: Equality :many
select note, size from a where note = @note;

-- name: StrictComparison :many
select size from a where size > 3;

-- name: StrictFunction :many
select note from a where length(note) > 1;

-- name: Conjunction :many
select note, size from a where note <> '' and size between 1 and 9;

-- name: DisjunctionOfBoth :many
select note, size from a where note = 'a' or note = 'b';

-- name: DisjunctionOfOne :many
select note, size from a where note = 'a' or size > 1;

-- name: InListRejects :many
select note from a where note in ('a', 'b');

-- name: NotInRejects :many
select note from a where note not in ('a', 'b');

-- name: LikeRejects :many
select note from a where note ilike 'a%';

-- name: NotIsNull :many
select note from a where not (note is null);

-- name: IsNullDoesNot :many
select note, size from a where note is null;

-- name: DistinctDoesNot :many
select note from a where note is distinct from 'a';

-- name: CoalesceDoesNot :many
select note from a where coalesce(note, 'a') = 'a';

-- name: IsNotTrueDoesNot :many
select note from a where (note = 'a') is not true;

-- name: IsTrueRejects :many
select note from a where (note = 'a') is true;

-- name: BooleanColumn :many
select flag, size from a where flag;

-- name: NotBooleanColumn :many
select flag from a where not flag;

-- name: InnerJoinCondition :many
select a.note, b.note as other, b.a_id from a join b on b.a_id = a.id and b.note = a.note;

-- name: LeftJoinConditionDoesNotRejectLeft :many
select a.note, b.note as other from a left join b on b.note = a.note;

-- name: WhereAfterLeftJoinMakesInner :many
select a.name, b.id, b.title, b.size from a left join b on b.a_id = a.id where b.size > 3;

-- name: KeyNotNullAfterLeftJoin :many
select b.id, b.title, b.note, b.a_id from a left join b on b.a_id = a.id where b.id is not null;

-- name: AntiJoin :many
select a.id, b.title from a left join b on b.a_id = a.id where b.id is null;

-- name: RejectedInSubquery :many
select s.note, s.size from (select note, size from a where note > 'a') s;

-- name: RejectedOutsideSubquery :many
select s.note from (select note, size from a) s where s.note <> '';

-- name: RejectedInCte :many
with noted as (select id, note from a where note is not null) select noted.note, b.title from noted join b on b.a_id = noted.id;

-- name: ExpressionOfRejected :many
select upper(note) as loud, size + 1 as next from a where note is not null and size is not null;

-- name: RejectedByMembership :many
select note from a where note in (select title from b);

-- name: RejectedByAny :many
select note from a where note = any(@notes);

-- name: RowComparison :many
select note, size from a where (note, size) = ('a', 1);

-- name: AggregateAfterRejection :many
select a.name, max(b.size) as top from a join b on b.a_id = a.id where b.size is not null group by a.name;

-- name: NullableParameterDoesNotMatter :many
select note from a where note = sqlc.narg(note);

-- name: OptionalFilterDoesNot :many
select note from a where (sqlc.narg(note)::text is null or note = sqlc.narg(note));

-- name: FullJoinRejectedOneSide :many
select a.name, b.title from a full join b on b.a_id = a.id where b.title <> '';

-- name: UsingAfterRejection :many
select size, a.note from a join b using (size);
