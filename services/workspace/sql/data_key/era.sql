select answers_era from data_keys where workspace_id = $1
