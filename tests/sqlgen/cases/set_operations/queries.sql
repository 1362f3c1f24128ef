-- name: UnionOfNotNull :many
select id, name from authors union select id, name from editors;

-- name: UnionAllOneNullableArm :many
select id, name from authors union all select id, bio from editors;

-- name: UnionWithNullLiteral :many
select id, name from authors union all select id, null from editors;

-- name: UnionWithLiteral :many
select id, name from authors union all select 0, 'nobody';

-- name: ThreeArms :many
select name as n from authors union select name from editors union select 'x';

-- name: ThreeArmsLastNullable :many
select name as n from authors union select name from editors union all select bio from editors;

-- name: ExceptTakesTheFirst :many
select name from authors except select bio from editors;

-- name: ExceptOfNullable :many
select bio from authors except select name from editors;

-- name: IntersectNeedsOneSide :many
select bio from authors intersect select name from editors;

-- name: IntersectOfNullables :many
select bio from authors intersect all select bio from editors;

-- name: UnionOfAggregates :many
select count(*) as n, max(id) as top from authors union all select count(*), max(id) from editors;

-- name: UnionInSubquery :many
select u.name, u.kind from (select name, 'author' as kind from authors union all select name, 'editor' from editors) u;

-- name: UnionOfOuterJoins :many
select a.name, e.name as other from authors a left join editors e on e.id = a.id
union all
select a.name, e.name from authors a join editors e on e.id = a.id;

-- name: UnionWidensTypes :many
select desk as n from editors where desk is not null union all select id from authors;

-- name: OrderedUnion :many
(select id, name from authors order by name limit 3) union all (select id, name from editors limit 2) order by 1;

-- name: UnionOfParameters :many
select name from authors union select @extra;

-- name: NestedSetOperations :many
select name from authors union (select name from editors intersect select bio from editors);
