delete from roles where workspace_id = $1 and name = $2
