update impersonations
set ended_at = $2, end_reason = $3
where id = $1 and ended_at is null
returning id, operator_id, operator_session_id, user_id, chosen_workspace_id as workspace_id, reason, may_write, created_at, expires_at, ended_at, end_reason
