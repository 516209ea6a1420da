update members set role = $3 where workspace_id = $1 and user_id = $2
