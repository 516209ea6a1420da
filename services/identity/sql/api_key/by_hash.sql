-- By the text that it has, or by the one before.
select id, workspace_id, scopes, user_id, allowed_ips, expires_at, revoked_at, previous_until, team_id,
    cast(case when sha256 = $1 then 1 else 0 end as bigint) as is_newest
from api_keys
where sha256 = $1 or previous_sha256 = $1
