insert into impersonations
    (id, operator_id, operator_session_id, user_id, chosen_workspace_id, reason, may_write, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
