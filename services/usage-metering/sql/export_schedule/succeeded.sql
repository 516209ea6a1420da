update export_schedules
set covered_until = $3, failures = 0, error = ''
where workspace_id = $1 and id = $2
