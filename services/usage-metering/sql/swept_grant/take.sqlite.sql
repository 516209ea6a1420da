-- $1: keys of grants as JSON, whose settlement has come after all.
delete from swept_grants
where (workspace_id, request_id, attempt) in (
    select unhex(k.value ->> 'workspace_id'), unhex(k.value ->> 'request_id'), k.value ->> 'attempt'
    from json_each($1) as k
)
returning workspace_id, request_id, attempt, reserved
