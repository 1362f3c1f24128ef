-- name: MayFindNothing :many
select b.title, (select a.name from authors a where a.id = b.author_id) as author from books b;

-- name: CountsAlways :many
select a.name, (select count(*) from books b where b.author_id = a.id) as books from authors a;

-- name: AggregateOfNothing :many
select a.name, (select max(b.id) from books b where b.author_id = a.id) as latest from authors a;

-- name: CoalescedAggregate :many
select (select coalesce(max(b.id), 0) from books b where b.author_id = a.id) as latest from authors a;

-- name: GroupedMayFindNothing :many
select (select count(*) from books b where b.author_id = a.id group by b.author_id) as books from authors a;

-- name: WithoutFrom :many
select (select a.name) as same, (select 1) as one, (select a.bio) as bio from authors a;

-- name: WithLimitZeroPossible :many
select (select count(*) from books limit @most) as n from authors;

-- name: Exists :many
select a.id, exists (select from books b where b.author_id = a.id) as writes, not exists (select from books) as none from authors a;

-- name: InSubquery :many
select b.id, b.author_id in (select id from authors) as known, b.title in (select bio from authors) as odd from books b;

-- name: ArrayOfSubquery :many
select a.id, array(select b.title from books b where b.author_id = a.id) as titles from authors a;

-- name: CountWithHaving :many
select (select count(*) from books having count(*) > 3) as n from authors;

-- name: ComparedWithSubquery :many
select a.id, a.id > (select avg(id) from books) as above, a.id > all (select id from books) as beyond from authors a;
