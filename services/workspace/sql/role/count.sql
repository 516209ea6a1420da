select count(*) as roles from roles where workspace_id = $1
