-- name: InnerKeeps :many
select a.id, a.bio, b.title, b.pages from authors a join books b on b.author_id = a.id;

-- name: CommaJoinKeeps :many
select a.name, b.title from authors a, books b where b.author_id = a.id;

-- name: CrossJoinKeeps :many
select a.name, b.title from authors a cross join books b;

-- name: LeftMakesRightNullable :many
select a.id, a.name, b.id as book_id, b.title from authors a left join books b on b.author_id = a.id;

-- name: RightMakesLeftNullable :many
select a.id, a.name, b.id as book_id, b.title from authors a right join books b on b.author_id = a.id and a.name <> '';

-- name: FullMakesBothNullable :many
select a.name, b.title from authors a full join books b on b.author_id = a.id;

-- name: LeftThenLeft :many
select a.name, b.title, r.stars from authors a
  left join books b on b.author_id = a.id
  left join reviews r on r.book_id = b.id;

-- name: LeftThenInnerRejects :many
select a.name, b.title, r.stars from authors a
  left join books b on b.author_id = a.id
  join reviews r on r.book_id = b.id;

-- name: LeftOfParenthesisedInner :many
select a.name, b.title, r.stars from authors a
  left join (books b join reviews r on r.book_id = b.id) on b.author_id = a.id;

-- name: InnerThenLeft :many
select a.name, b.title, r.body, r.id from authors a
  join books b on b.author_id = a.id
  left join reviews r on r.book_id = b.id;

-- name: ThroughSubquery :many
select x.name, x.title from (
  select a.name, b.title from authors a left join books b on b.author_id = a.id) x;

-- name: SubqueryOnNullableSide :many
select a.name, x.title, x.one from authors a
  left join (select author_id, title, 1 as one from books) x on x.author_id = a.id;

-- name: ExpressionsOverNullableSide :many
select upper(b.title) as loud, coalesce(b.title, '-') as shown, b.id is null as missing
  from authors a left join books b on b.author_id = a.id;

-- name: CountOverNullableSide :many
select a.id, count(b.id) as books, max(b.pages) as longest, min(b.title) as first_title
  from authors a left join books b on b.author_id = a.id group by a.id;

-- name: RightThenLeft :many
select a.name, b.title, r.stars from authors a
  right join books b on b.author_id = a.id and a.bio is not null
  left join reviews r on r.book_id = b.id;

-- name: FullThenInnerOnOneSide :many
select a.name, b.title, r.stars from authors a
  full join books b on b.author_id = a.id
  join reviews r on r.book_id = b.id;

-- name: WholeRowInner :many
select a.name, a from authors a;

-- name: WholeRowOuter :many
select a.name, b from authors a left join books b on b.author_id = a.id;

-- name: StarOfJoin :many
select b.*, a.name, a.bio from books b left join authors a on a.id = b.author_id and a.bio is not null;

-- name: SelfJoin :many
select one.name, other.name as partner from authors one left join authors other on other.id = one.id + 1;

-- name: FirstUnderCase :many
select case when b.id is not null then first_value(b.title) over (order by a.id desc) else '' end as a,
       case when b.id is not null then b.title else '' end as b
  from authors a left join books b on b.author_id = a.id;
