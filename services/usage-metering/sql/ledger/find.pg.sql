-- $1: keys of grants as JSON. The rows of grants that are no longer open, so that a late settlement can name them.
select *
from ledger
where (workspace_id, request_id, attempt) in (
    select k.workspace_id, k.request_id, k.attempt
    from json_to_recordset(cast($1 as json)) as k(workspace_id uuid, request_id uuid, attempt bigint)
)
order by workspace_id, request_id, attempt, correction
-- Who adds to an attempt waits for whoever else does.
for update
