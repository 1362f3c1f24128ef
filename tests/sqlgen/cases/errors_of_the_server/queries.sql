-- name: NoColumn :many
select id,
       nickname from users;

-- name: NoTable :many
select id
  from missing;

-- name: NoFromEntry :many
select u.id from users where u.id = 1;

-- name: Syntax :many
select id frm users where;

-- name: AfterUmlauts :many
select 'äöü', wrong from users;

-- name: AfterAParameter :many
select id from users where id = @a_rather_long_name and wrong = 1;

-- name: NoOperator :many
select id from users where id = 'x'::text;

-- name: NoFunction :many
select upperr(name) from users;

-- name: Ambiguous :many
select id from users, pets;

-- name: NotGrouped :many
select name, count(*) from users group by mood;

-- name: BadEnum :many
select id from users where mood = 'glad';

-- name: AggregateInWhere :many
select id from users where count(*) > 1;

-- name: UnionOfUnequal :many
select id from users union select id, owner from pets;

-- name: TooFewValues :exec
insert into users (id, name) values (1);
