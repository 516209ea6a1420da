-- Whoever claims one has it until $2: of two processes the second finds it claimed. Whose turn was longest ago comes first, so
-- that nobody waits for those whose backlog is longest; those that fail only if $3.
update webhooks set claimed_until = $2
where webhook_id = (
    select w.webhook_id
    from webhooks w
    where w.next_at <= $1 and w.claimed_until <= $1 and (w.rests_until is null or w.rests_until <= $1) and w.enabled
        and ($3 or w.failures = 0)
    order by w.claimed_until, w.webhook_id
    limit 1
)
returning webhook_id, workspace_id, failures, failing_since, claimed_until, updated_at
