insert into export_schedules (
    workspace_id, id, kind, format, cron, time_zone, destination, created_by, created_at, next_run_at, covered_until,
    failures, paused, error, credential
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, false, '', $12)
