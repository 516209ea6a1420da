-- Ids are uuids v7: their order is that of creation.
select id, workspace_id, prefix, name, scopes, limits, created_by, created_at, expires_at, revoked_at,
    last_used_at, user_id, allowed_models, allowed_ips, rotated_at, previous_until, team_id
from api_keys
where workspace_id = $1 and deleted_at is null and id < $2 and ($4 is null or team_id = $4)
order by id desc
limit $3
