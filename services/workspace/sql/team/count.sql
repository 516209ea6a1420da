select count(*) from teams where workspace_id = $1
