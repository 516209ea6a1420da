-- To be written later: after a failure, or because the process stops.
update exports
set status = 'queued', due_at = $4, error = $5, failures = failures + $6
where workspace_id = $1 and id = $2 and tries = $3 and status = 'running'
