-- name: AddBranch :one
insert into branches (id, place, before) values (@id, @place, @before) returning *;

-- name: FindBranch :many
select id, (place).street, (place)."at" as at from branches where place = @place::place;
