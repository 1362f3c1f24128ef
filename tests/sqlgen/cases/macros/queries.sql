-- name: Numbered :many
select title from books where author_id = $1 and title <> $2;

-- name: AtNames :many
select title from books where author_id = @author and title like @pattern;

-- name: SameNameTwice :many
select id from books where title = @word or title like @word || '%';

-- name: Arg :one
select name from authors where id = sqlc.arg(author_id);

-- name: ArgQuoted :one
select name from authors where id = sqlc.arg('author_id');

-- name: ArgSpaced :one
select name from authors where id = sqlc . arg ( author_id );

-- name: Narg :many
select name from authors where bio = sqlc.narg(bio);

-- name: NargQuoted :execrows
update authors set bio = sqlc.narg('bio') where id = @id;

-- name: NargOptionalFilter :many
select id, name from authors where sqlc.narg(mood)::mood is null or mood = sqlc.narg(mood);

-- name: NargWithArg :execrows
update authors set name = coalesce(sqlc.narg(name), name) where id = sqlc.arg(id);

-- name: Slice :many
select id, name from authors where id in (sqlc.slice(ids));

-- name: SliceQuoted :many
select title from books where id in (sqlc.slice('ids'));

-- name: SliceOfEnum :many
select name from authors where mood in (sqlc.slice(moods)) and id > @after;

-- name: SliceExcluded :execrows
delete from books where author_id = @author_id and id not in (sqlc.slice(keep));

-- name: AnyOfArray :many
select name from authors where id = any(@ids);

-- name: EmbedOne :one
select sqlc.embed(authors) from authors where id = @id;

-- name: EmbedTwo :many
select sqlc.embed(a), sqlc.embed(b) from authors a join books b on b.author_id = a.id;

-- name: EmbedBesideColumns :many
select b.title, sqlc.embed(a), count(*) over () as total from authors a join books b on b.author_id = a.id;

-- name: AtInsideString :one
select id, '@nobody' as handle from authors where name = 'a@b.c' and id = @id;

-- name: OperatorsWithAt :many
select id from authors where tags @> @wanted and tags <@ @allowed;

-- name: CastGivesType :one
select @a::int4 + @b::int4 as sum;

-- name: ParameterInLimit :many
select name from authors order by id limit @most offset @skipped;
