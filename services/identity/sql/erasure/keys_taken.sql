-- Across tenants: the person is the predicate. The rows stay, because logs and the ledger name the keys; what the person wrote
-- into them goes.
update api_keys
set name = '', allowed_ips = null, deleted_at = coalesce(deleted_at, $2), revoked_at = coalesce(revoked_at, $2)
where user_id = $1
