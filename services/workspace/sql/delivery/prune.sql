-- The oldest first, at most $2 at once.
delete from webhook_deliveries
where delivery_id in (select d.delivery_id from webhook_deliveries d where d.created_at <= $1 order by d.created_at limit $2)
returning delivery_id
