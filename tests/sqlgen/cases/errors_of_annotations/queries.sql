-- name: LastId :execlastid
insert into users (id, name) values (@id, @name);

-- name: Fine :one
select name from users where id = @id;

-- name: UnknownCommand :first
select 1;

-- name: NoCommand
select 1;

-- name: lower_case-name :one
select 1;

-- name: Fine :many
select name from users;

-- name: NoSql :one

-- name: TwoStatements :exec
delete from users where id = 1;
delete from users where id = 2;

-- name: OneWithoutRows :one
delete from users where id = @id;

-- name: ManyWithoutRows :many
insert into users (id, name) values (@id, @name);

-- name: BatchOneWithoutRows :batchone
delete from users where id = @id;

-- name: CopyOfSelect :copyfrom
select id from users;

-- name: fine :one
select 1;

-- name: _ :one
select 1;
