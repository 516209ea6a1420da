select count(*) as owners from members where workspace_id = $1 and role = 'owner'
