-- An id that another workspace has inserts nothing.
insert into executions (execution_id, workspace_id, entry_id, created_by, session_id, depth, request_sha256, token_sha256,
    sealed_title, sealed_token, created_at, outcome)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '')
on conflict (execution_id) do nothing
