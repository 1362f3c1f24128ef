-- name: Promised :many
select bio as "bio!" from authors where bio is not null or bio is not null;

-- name: PromisedExpression :many
select max(id) as "top!" from authors having count(*) > 0;

-- name: Doubted :many
select id as "id?", name as "name?" from authors;

-- name: PromisedScalar :many
select (select a.name from authors a where a.id = o.id) as "name!" from authors o;

-- name: MixedOverrides :many
select name as "called?", rank, count(*) over () as "n!" from authors;

-- name: OverrideInReturning :one
update authors set bio = @bio::text where id = @id returning id as "id?", bio as "bio!";

-- name: OverrideInUnion :many
select name as "x?" from authors union all select 'b';

-- name: OverrideUnderOuterJoin :many
select a.id, b.name as "partner!" from authors a left join authors b on b.id = a.id;

-- name: QuotedNameWithoutMark :many
select name as "Full Name" from authors;
