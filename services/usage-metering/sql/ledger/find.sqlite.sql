-- $1: keys of grants as JSON. The rows of grants that are no longer open, so that a late settlement can name them.
select *
from ledger
where (workspace_id, request_id, attempt) in (
    select unhex(k.value ->> 'workspace_id'), unhex(k.value ->> 'request_id'), k.value ->> 'attempt'
    from json_each($1) as k
)
order by workspace_id, request_id, attempt, correction
