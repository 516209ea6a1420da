update export_schedules
set destination = $3, error = $4
where workspace_id = $1 and id = $2
