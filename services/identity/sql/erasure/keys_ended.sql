-- Across tenants: the person is the predicate.
update api_keys
set revoked_at = $2
where user_id = $1 and revoked_at is null and deleted_at is null
returning id, workspace_id, prefix
