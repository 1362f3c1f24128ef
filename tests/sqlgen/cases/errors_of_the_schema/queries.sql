-- name: Fine :many
select id from fine;
