-- name: PlaceOrder :exec
insert into orders (customer_id, cents) values (@customer_id, @cents);
