update data_keys set answers_era = answers_era + 1 where workspace_id = $1
