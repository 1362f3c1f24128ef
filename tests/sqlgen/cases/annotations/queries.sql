-- name: OneRow :one
select id, name, mail from users where id = @id;

-- name: ManyRows :many
select id, seen from users order by seen;

-- name: JustRun :exec
delete from users where id = @id;

-- name: CountChanged :execrows
update users set mail = null where name = @name;

-- name: ResultOfRun :execresult
delete from events where user_id = @user_id and kind = @kind;

-- name: BatchRun :batchexec
update users set name = @name where id = @id;

-- name: BatchFirst :batchone
select name, mail from users where id = @id;

-- name: BatchAll :batchmany
select kind, note from events where user_id = @user_id;

-- name: CopyEvents :copyfrom
insert into events (user_id, kind) values (@user_id, @kind);

/* name: InBlockComment :one */
select name from users where id = @id;

/*
 * name: InLongBlockComment :many
 */
select mail from users;

-- The documentation of a query
-- may have several lines.
-- name: Documented :one
select count(*) as users from users;

-- name: NothingNamed :one
select 1;

-- name: ExecOfSelect :exec
select pg_notify('users', 'changed');

-- name: CopyAllColumns :copyfrom
insert into events (user_id, kind, note) values (@user_id, @kind, sqlc.narg(note));
