-- name: Mixed :one
select name from users where id = $1 and name = @name;

-- name: UnknownMacro :one
select name from users where id = sqlc.param(id);

-- name: EmbedOfNothing :many
select sqlc.embed(nobody) from users;

-- name: ArgWithoutName :one
select name from users where id = sqlc.arg();

-- name: NoTypeKnown :one
select @what is null as is_null;
