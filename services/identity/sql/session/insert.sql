insert into sessions
    (id, user_id, current_workspace_id, secret, generation, rotated_at, created_at, last_used_at, expires_at, user_agent, address, mfa_at,
    sso_connection_id)
values ($1, $2, $3, $4, 1, $5, $5, $5, $6, $7, $8, $9, $10)
