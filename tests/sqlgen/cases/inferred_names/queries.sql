-- name: ByEquality :one
select id from authors where name = $1;

-- name: ByReversedEquality :one
select id from authors where $1 = name;

-- name: ByQualifiedColumn :many
select b.title from authors a join books b on b.author_id = a.id where a.name = $1 and b.price < $2;

-- name: InsertedValues :exec
insert into books (id, author_id, title, price) values ($1, $2, $3, $4);

-- name: InsertedWithoutList :exec
insert into books values ($1, $2, $3, $4);

-- name: UpdatedColumns :execrows
update books set title = $2, price = $3 where id = $1;

-- name: ByLike :many
select name from authors where name like $1;

-- name: ByComparison :many
select id from books where price >= $1;

-- name: Limited :many
select id from books order by id limit $1 offset $2;

-- name: InAnyArray :many
select title from books where id = any($1);

-- name: InList :many
select title from books where id in ($1, 7);

-- name: OutOfOrder :one
select id from books where title = $2 and author_id = $1;
