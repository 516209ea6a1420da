select exists (
    select 1 from sso_identities where workspace_id = $1 and connection_id = $2 and user_id = $3 and last_used_at >= $4
)
