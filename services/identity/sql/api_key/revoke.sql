update api_keys
set revoked_at = $3
where workspace_id = $1 and id = $2 and revoked_at is null and deleted_at is null
