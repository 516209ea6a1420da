update export_schedules
set paused = true
where workspace_id = $1 and id = $2
