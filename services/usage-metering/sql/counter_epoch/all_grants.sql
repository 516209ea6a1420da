-- What runs anywhere and has reserved something.
select workspace_id, request_id, attempt, reserved, expires_at
from open_grants
where reserved <> ''
