-- The next ones of the chain, up to its head as it was when the export began.
select *
from audit_events
where workspace_id = $1
    and seq > $2
    and seq <= $8
    and at >= $3
    and at < $4
    and ($5 is null or actor = $5)
    and ($6 is null or kind = $6)
order by seq
limit $7
