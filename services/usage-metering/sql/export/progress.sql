-- No row: it was deleted, or somebody else writes it by now.
update exports
set writer_until = $4, row_count = $5, byte_count = $6
where workspace_id = $1 and id = $2 and tries = $3 and status = 'running'
