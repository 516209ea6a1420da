-- As long unused as can be: the release that knows nothing of operators who act for somebody takes it for one that has expired.
insert into sessions
    (id, user_id, current_workspace_id, secret, generation, rotated_at, created_at, last_used_at, expires_at)
values ($1, $2, $3, $4, 1, $5, $5, $7, $6)
