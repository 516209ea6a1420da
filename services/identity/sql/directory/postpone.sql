update directory_users set next_at = $3
where workspace_id = $1 and user_id = $2
