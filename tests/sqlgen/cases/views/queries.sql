-- name: Plain :many
select id, name, bio from plain;

-- name: Renamed :many
select number, called from renamed;

-- name: Joined :many
select * from joined;

-- name: OuterJoined :many
select * from outer_joined;

-- name: ViewOfView :many
select id, title, loud from view_of_view;

-- name: ViewOfOuter :many
select id, title, name from view_of_outer;

-- name: OuterJoinOfView :many
select p.name, j.title, j.name as other from plain p left join joined j on j.id = p.id;

-- name: FilteredView :many
select id, bio from filtered;

-- name: CountedView :many
select author_id, books, longest from counted;

-- name: UnionView :many
select id, text from both_arms;

-- name: NullableUnionView :many
select id, text from nullable_arm;

-- name: ComputedView :many
select id, bio, size, bio_size from computed;

-- name: ViewWithCte :many
select id, name from with_cte;

-- name: ThreeDeep :many
select loud, title from three_deep;

-- name: RejectedOnView :many
select id, title from outer_joined where title = @title;

-- name: MaterialisedView :many
select id, name, bio from kept;

-- name: MaterialisedOuterView :many
select name, title from kept_outer;

-- name: InsertThroughView :one
insert into plain (id, name, bio) values (@id, @name, sqlc.narg(bio)) returning id, name, bio;

-- name: UpdateThroughFilteredView :many
update filtered set bio = sqlc.narg(bio) where id = @id returning id, bio;

-- name: MaterialisedBefore :many
select id, name from kept_before;
