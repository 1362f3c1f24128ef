-- name: UsingInner :many
select id, people.name, pets.name as pet from people join pets using (id);

-- name: UsingInnerOfNullable :many
select city, cities.people from people join cities using (city);

-- name: UsingLeft :many
select id, owner from people left join pets using (id);

-- name: UsingRight :many
select id, people.name, owner from people right join pets using (id);

-- name: UsingFull :many
select id, people.name, owner from people full join pets using (id);

-- name: UsingFullOfNullable :many
select city from people full join cities using (city);

-- name: UsingLeftKeepsLeftNull :many
select city, people from people left join cities using (city);

-- name: UsingRightTakesRight :many
select city from people right join cities using (city);

-- name: NaturalInner :many
select * from people natural join cities;

-- name: NaturalLeft :many
select city, name, people from people natural left join cities;

-- name: UsingAlias :many
select shared.id, people.name from people left join pets using (id) as shared;

-- name: UsingThreeTables :many
select id, city from people join pets using (id) left join cities using (city);
