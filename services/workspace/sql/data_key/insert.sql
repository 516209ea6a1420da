insert into data_keys (workspace_id, wrapped, created_at) values ($1, $2, $3)
