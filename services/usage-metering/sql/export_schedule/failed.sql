-- Failures in a row pause it.
update export_schedules
set failures = failures + 1, paused = failures + 1 >= $3, error = $4
where workspace_id = $1 and id = $2
