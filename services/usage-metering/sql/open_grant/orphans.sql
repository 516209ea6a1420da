-- $1: now. $2: instances not heard of since then are gone. $3: how many at most.
-- A grant whose instance never said that it lives counts from its admission.
delete from open_grants
where (workspace_id, request_id, attempt) in (
    select o.workspace_id, o.request_id, o.attempt
    from open_grants o
    where o.expires_at < $1
        or (
            o.admitted_at < $2
            and not exists (select 1 from instances i where i.id = o.instance_id and i.seen_at >= $2)
        )
    limit $3
)
returning *
