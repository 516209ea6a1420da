select wrapped from data_keys where workspace_id = $1
