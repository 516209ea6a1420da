-- Of several processes that saw it due, one changes the row.
update export_schedules
set next_run_at = $4, last_run_at = $5
where workspace_id = $1 and id = $2 and next_run_at = $3
