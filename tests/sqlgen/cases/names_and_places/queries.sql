-- name: Qualified :many
select id, name, level, mail from app.users where level = @level;

-- name: SameNameInTwoSchemas :many
select one.name, two.nick, two.points from app.users one left join public.users two on two.id = one.id;

-- name: Unqualified :many
select id, nick, points from users;

-- name: QuotedNames :many
select id, "Mixed Case", "select", "ünï" from "Odd Schema"."Two Words";

-- name: QualifiedColumns :many
select app.users.name, users.mail from app.users;

-- name: QualifiedFunction :many
select pg_catalog.upper(name) as loud, public.own(mail) as own from app.users;

-- name: AliasHidesTable :many
select users.nick from users as people, lateral (select people.nick) as users;

-- name: UpperCaseKeywords :many
SELECT ID, COUNT(*) AS N FROM APP.USERS GROUP BY ID;

-- name: find_item :one
select 1 as one;

-- name: findItem2 :one
select 2 as two;
