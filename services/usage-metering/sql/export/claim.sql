-- Of several processes that saw it due, one changes the row.
update exports
set status = 'running', tries = tries + 1, writer_until = $4, row_count = 0, byte_count = 0
where workspace_id = $1 and id = $2 and tries = $3 and status in ('queued', 'running')
