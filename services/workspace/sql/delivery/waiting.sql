-- For operators: what waits, and since when first attempts wait that nothing of a receiver's keeps from being made.
select
    (select count(*) from webhook_deliveries p where p.next_at is not null) as pending,
    (select min(d.next_at)
        from webhook_deliveries d
        join webhooks w on w.workspace_id = d.workspace_id and w.webhook_id = d.webhook_id
        where w.next_at <= $1 and w.enabled and w.failures = 0 and d.attempts = 0 and d.next_at <= $1) as oldest
