select id, operator_id, operator_session_id, user_id, chosen_workspace_id as workspace_id, reason, may_write, created_at, expires_at, ended_at, end_reason
from impersonations
where id = $1
