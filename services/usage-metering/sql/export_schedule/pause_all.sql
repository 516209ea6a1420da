update export_schedules
set paused = true, error = 'the workspace was deleted'
where workspace_id = $1 and not paused
