insert into sso_identities (workspace_id, connection_id, subject, user_id, email, created_at, last_used_at)
values ($1, $2, $3, $4, $5, $6, $6)
on conflict (connection_id, subject) do nothing
