-- Not those that they made since: they may have come back into the team before we heard of their going.
update api_keys
set revoked_at = $5
where workspace_id = $1 and team_id = $2 and user_id = $3 and created_at <= $4 and revoked_at is null and deleted_at is null
returning id, name, prefix
