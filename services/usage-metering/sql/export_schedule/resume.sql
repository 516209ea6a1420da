-- One that runs goes on as it is.
update export_schedules
set paused = false, failures = 0, error = '', next_run_at = $3
where workspace_id = $1 and id = $2 and paused
