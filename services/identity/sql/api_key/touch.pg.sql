-- Reports of several doors arrive in any order; time goes forward only.
with uses as (
    select key_id, workspace_id, at
    from jsonb_to_recordset($1) as u (key_id uuid, workspace_id uuid, at timestamptz)
),
-- In the order of ids: two reports of the same keys would else wait for each other.
locked as (
    select k.id, k.workspace_id, u.at
    from api_keys k
    join uses u on u.key_id = k.id and u.workspace_id = k.workspace_id
    where k.last_used_at is null or k.last_used_at < u.at
    order by k.id
    for update of k
)
update api_keys
set last_used_at = greatest(api_keys.last_used_at, locked.at)
from locked
where api_keys.id = locked.id and api_keys.workspace_id = locked.workspace_id
