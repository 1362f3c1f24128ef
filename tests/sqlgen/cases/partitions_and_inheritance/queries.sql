-- name: Partitioned :many
select id, at, place, note from logs where at > @after;

-- name: OnePartition :many
select id, place, note from logs_old;

-- name: PartitionedOuter :many
select l.place, o.place as other from logs l left join logs_new o on o.id = l.id;

-- name: InsertPartitioned :one
insert into logs (id, at, place) values (@id, @at, @place) returning id, at, place, note;

-- name: Child :many
select id, name, note, age from children;

-- name: ParentWithLooserChild :many
select name from bases;

-- name: OnlyParent :many
select id, name from only bases;

-- name: LooserChild :many
select id, name, extra from looser;

-- name: RowSecurity :many
select id, owner, content from secrets;

-- name: RowSecurityScalar :many
select s.id, (select owner from secrets where id = s.id) as owner from scratch s;

-- name: Unlogged :many
select id, v from scratch tablesample system (50);

-- name: SystemColumns :many
select ctid::text as place, tableoid as source, xmin::text as made from scratch;
