update directory_users set role_before = $3
where workspace_id = $1 and user_id = $2
