-- $1: keys of grants as JSON. Whoever deletes a grant's row settles it: of a settlement and a sweep only one gets it.
delete from open_grants
where (workspace_id, request_id, attempt) in (
    select unhex(k.value ->> 'workspace_id'), unhex(k.value ->> 'request_id'), k.value ->> 'attempt'
    from json_each($1) as k
)
returning *
