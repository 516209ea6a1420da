-- The oldest of those that wait, beyond the $3 newest; at most $4 at once.
update webhook_deliveries set status = 'failed', next_at = null
where workspace_id = $1 and webhook_id = $2 and delivery_id in (
    select d.delivery_id
    from webhook_deliveries d
    where d.workspace_id = $1 and d.webhook_id = $2 and d.next_at is not null
    order by d.delivery_id desc
    limit $4 offset $3
)
