-- Puts one book on the shelf.
-- name: AddBooks :batchexec
insert into books (id, author_id, title, price) values ($1, $2, $3, $4);

-- name: TitlesOf :batchmany
select id, title from books where author_id = $1 order by title;

-- name: FindBook :batchone
select title, price from books where id = $1;

-- name: BooksWithAuthors :many
select sqlc.embed(books), sqlc.embed(a), books.title || ' by ' || a.name as "label!"
  from books join authors a on a.id = books.author_id
 order by books.title;

-- name: AuthorsAndBooks :many
select authors.id, sqlc.embed(b)
  from authors left join books b on b.author_id = authors.id
 order by authors.id, b.title;

-- name: Notes :many
select n.*, sqlc.embed(m) from notes n left join moods m on true;

-- name: Rename :execrows
update books set title = @title where id = @id;

-- name: Burn :exec
delete from books where price < @max_price and written && @during and past_moods = '{}';

-- name: CopyMoods :copyfrom
insert into moods (id, name) values ($2, $1);
