select settings from routings where workspace_id = $1
