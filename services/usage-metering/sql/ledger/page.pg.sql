-- A page of the attempts of a workspace in [$5, $6), after an attempt and before an id.
-- Locked: who adds to an attempt waits for whoever else does.
select workspace_id, request_id, attempt
from ledger
where workspace_id = $1
    and (request_id > $2 or (request_id = $2 and attempt > $3))
    and request_id < $4
    and created_at >= $5
    and created_at < $6
    and kind = 'usage'
    and model <> ''
order by request_id, attempt
limit $7
for update
