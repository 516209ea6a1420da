-- Across tenants: the person is the predicate.
select id, workspace_id, prefix, name, created_at, expires_at, revoked_at, last_used_at
from api_keys
where user_id = $1 and deleted_at is null
order by id
