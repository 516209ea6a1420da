insert into exports (
    workspace_id, id, schedule_id, kind, format, status, period_from, period_to, created_by, created_at, due_at, tries,
    failures, writer_until, row_count, byte_count, error, destination, credential, delivery
)
values ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $9, $10, 0, 0, $9, 0, 0, '', $11, $12, $13)
