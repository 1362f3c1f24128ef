-- A new customer; gives the whole row.
-- name: AddCustomer :one
insert into customers (email, name) values (@email, sqlc.narg(name)) returning *;

-- Everybody with what they have spent; `cents` is NULL for those who never ordered.
-- name: ListSpending :many
select c.email,
       (select sum(o.cents)::bigint from orders o where o.customer_id = c.id) as cents
  from customers c
 order by c.email;
