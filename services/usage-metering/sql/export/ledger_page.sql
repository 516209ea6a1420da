-- The next ledger rows of a workspace in [$6, $7), after the row ($2, $3, $4). The request id rises with time, so that
-- the primary key finds the page; times decide exactly.
select *
from ledger
where workspace_id = $1
    and (request_id, attempt, correction) > ($2, $3, $4)
    and request_id < $5
    and created_at >= $6
    and created_at < $7
    -- As in what people read: without a model a provider was only asked what it has.
    and model <> ''
order by request_id, attempt, correction
limit $8
