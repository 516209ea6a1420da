-- Without a condition on `next_at`: a process that is about to say that nothing waits has the row locked, and is waited for. Whoever
-- removes it is waited for as well: then there is nothing to wake.
update webhooks set next_at = case when next_at is null or next_at > $3 then $3 else next_at end
where workspace_id = $1 and webhook_id = $2
