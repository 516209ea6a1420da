-- Not those that they made since: they may have come back before we heard of their going.
update api_keys
set revoked_at = $4
where workspace_id = $1 and user_id = $2 and created_at <= $3 and revoked_at is null and deleted_at is null
returning id, name, prefix
