-- name: AddAuthor :one
insert into authors (id, name, mail, mood) values ($1, $2, $3, $4) returning *;

-- All authors as one COPY; fails as a whole.
-- name: CopyAuthors :copyfrom
insert into authors (id, name, mail, mood, tags, born, errno) values ($1, $2, $3, $4, $5, $6, $7);

-- name: GetAuthor :one
select * from authors where id = @id;

-- name: ListMoody :many
select * from authors where mood = @mood order by id;

-- name: ListAuthors :many
select id, name from authors where id in (sqlc.slice(ids)) and name not in (sqlc.slice(names));

-- name: OlderThan :many
select id from older_than($1, $2) order by id limit $3 offset $4;

/* name: SetMail :execresult */
update authors set mail = $2 where id = $1;

-- name: MoodsOf :many
select mood, count(*) as authors from authors group by mood order by mood;

-- Arrays whose elements go by an OID of their own travel as others.
-- name: InMoods :many
-- nullable elements: mails
select id from authors
 where mood not in (sqlc.slice(moods))
   and (mail = any(@mails::email[]) or name = any(@names::varchar[]))
 order by id;

-- name: SetMoods :exec
update books set past_moods = $2 where author_id = $1;
