update sso_identities set email = $4, last_used_at = $5
where workspace_id = $1 and connection_id = $2 and subject = $3
