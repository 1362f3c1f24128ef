-- name: Insert :one
insert into authors (name, bio) values (@name, sqlc.narg(bio)) returning id, name, bio, karma;

-- name: InsertStar :one
insert into authors (name) values (@name) returning *;

-- name: InsertExpressions :one
insert into authors (name) values (@name) returning id + 1 as next, upper(name) as loud, coalesce(bio, '') as bio, length(bio) as size;

-- name: InsertSelect :many
insert into books (id, author_id, title, pages) select id + 100, id, name || id, null from authors returning id, title, pages;

-- name: Upsert :one
insert into books (id, author_id, title, pages) values (@id, @author_id, @title, sqlc.narg(pages))
on conflict (title) do update set pages = excluded.pages returning id, pages, (xmax = 0) as is_new;

-- name: InsertOrNothing :one
insert into books (id, author_id, title) values (@id, @author_id, @title) on conflict do nothing returning id, title;

-- name: Update :one
update authors set bio = sqlc.narg(bio), karma = karma + 1 where id = @id returning id, bio, karma;

-- name: UpdateWhereOldValue :many
update authors set bio = sqlc.narg(bio) where bio = @old returning bio, name;

-- name: UpdateFrom :many
update books b set pages = c.pages from changes c where c.book_id = b.id returning b.id, b.pages, c.book_id, c.title;

-- name: UpdateFromOuterJoin :many
update books b set pages = 1 from authors a left join changes c on c.book_id = a.id where a.id = b.author_id
returning b.title, a.name, c.book_id;

-- name: Delete :many
delete from books where author_id = @author_id returning id, title, pages;

-- name: DeleteWhereRejects :many
delete from books where pages > 3 returning id, pages;

-- name: DeleteUsing :many
delete from books b using authors a where a.id = b.author_id returning b.title, a.name, a.bio;

-- name: MergeReturning :many
merge into books b using changes c on c.book_id = b.id
when matched then update set pages = c.pages
when not matched then insert (id, author_id, title, pages) values (c.book_id, 1, c.book_id || coalesce(c.title, ''), c.pages)
returning merge_action() as action, b.id, b.title, b.pages, c.book_id, c.title as said;

-- name: MergeNotMatchedBySource :many
merge into books b using changes c on c.book_id = b.id
when matched then update set pages = 1
when not matched by source then delete
returning b.id, c.book_id, merge_action() as action;

-- name: ReturningSubquery :one
insert into authors (name) values (@name) returning id, (select count(*) from books) as books, (select title from books limit 1) as some;

-- name: InsertedThenJoined :many
with made as (insert into authors (name) values (@name) returning id, name)
select made.name, b.title from made left join books b on b.author_id = made.id;

-- name: DeleteByRule :many
delete from remarks where note is not null returning note, upper(note) as loud;

-- name: DeleteThroughViewByRule :many
delete from shown where note is not null returning note;

-- name: DeleteByTrigger :many
update seen set id = id where note is not null returning note;

-- name: ReadBehindBarrier :many
select b.note, c.note as other from barred b left join barred c on c.id = b.id + 1;
