update api_keys
set name = $3, limits = $4
where workspace_id = $1 and id = $2
