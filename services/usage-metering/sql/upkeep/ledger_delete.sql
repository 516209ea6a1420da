-- A few at a time, so that others get at the table in between.
delete from ledger
where workspace_id = $1 and (request_id, attempt, correction) in (
    select o.request_id, o.attempt, o.correction
    from ledger o
    where o.workspace_id = $1 and o.request_id < $2
    order by o.request_id
    limit $3
)
