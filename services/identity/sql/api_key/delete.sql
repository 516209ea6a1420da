-- The row stays: logs and the ledger name the key.
update api_keys
set deleted_at = $3, revoked_at = coalesce(revoked_at, $3)
where workspace_id = $1 and id = $2 and deleted_at is null
