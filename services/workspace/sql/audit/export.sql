-- The next ones after $2 that are not chained yet, oldest first.
select *
from audit_events
where workspace_id = $1
    and seq is null
    and ($2 is null or event_id > $2)
    and at >= $3
    and at < $4
    and ($5 is null or actor = $5)
    and ($6 is null or kind = $6)
order by event_id
limit $7
