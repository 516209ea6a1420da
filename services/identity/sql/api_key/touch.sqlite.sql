-- Reports of several doors arrive in any order; time goes forward only.
update api_keys
set last_used_at = u.at
from (
    select
        unhex(value ->> 'key_id', '-') as key_id,
        unhex(value ->> 'workspace_id', '-') as workspace_id,
        value ->> 'at_micros' as at
    from json_each($1)
) u
where api_keys.id = u.key_id and api_keys.workspace_id = u.workspace_id
    and (api_keys.last_used_at is null or api_keys.last_used_at < u.at)
