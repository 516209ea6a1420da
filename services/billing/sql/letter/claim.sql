-- Whoever claims it has it until $2: of two processes the second finds that its time has moved.
update letters
set tries = tries + 1, next_at = $2
where (workspace_id, invoice_id, kind) = (
        select workspace_id, invoice_id, kind from letters
        where status = 'queued' and next_at <= $1
        order by next_at, created_at
        limit 1)
    and status = 'queued' and next_at <= $1
returning workspace_id, invoice_id, kind, tries
