-- What runs in a workspace and has reserved something.
select workspace_id, request_id, attempt, reserved, expires_at
from open_grants
where workspace_id = $1
    and reserved <> ''
