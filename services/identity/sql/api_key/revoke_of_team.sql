-- A team that is gone never comes back, and neither does its id.
update api_keys
set revoked_at = $3
where workspace_id = $1 and team_id = $2 and revoked_at is null and deleted_at is null
returning id, name, prefix
