-- Newest first: ids rise with time.
select *
from audit_events
where workspace_id = $1
    and ($2 is null or event_id < $2)
    and at >= $3
    and at < $4
    and ($5 is null or actor = $5)
    and ($6 is null or kind = $6)
order by event_id desc
limit $7
