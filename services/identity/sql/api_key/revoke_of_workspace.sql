-- Not those that were made since: it may have been restored before we heard of its end.
update api_keys
set revoked_at = $3
where workspace_id = $1 and created_at <= $2 and revoked_at is null and deleted_at is null
returning id, name, prefix
