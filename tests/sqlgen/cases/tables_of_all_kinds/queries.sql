-- name: Generated :many
select total, reduced from orders;

-- name: Enums :many
select id, status, before from orders where status = @status;

-- name: EnumLiteral :one
select 'open'::status as a, status::text as b, before::text as c from orders;

-- name: Domains :many
select shown, hidden from orders;

-- name: NotNullDomain :many
select contact from orders;

-- name: NotNullDomainOuter :many
select o.id, p.contact from orders o left join orders p on p.id = o.id + 1;

-- name: DomainExpression :many
select upper(shown) as a, length(hidden) as b from orders;

-- name: EnumArrays :many
select history, dates from orders where history @> @some::status[];

-- name: InsertDomain :one
insert into orders (price, quantity, status, contact, shown) values (@price, @quantity, @status, @contact, @shown) returning id, total, status;

-- name: UpdateEnum :execrows
update orders set before = status, status = @status where id = @id;

-- name: EnumFunctions :many
select enum_first(status) as a, enum_range(null::status) as b from orders;

-- name: NullOfNotNullDomain :many
select n, n::int + 1 as more, n::count as cast, coalesce(n, 0)::bigint::int::count as through from copies;
