prepare x as 
update api_keys
set name = $3, limits = $4, allowed_models = $5, allowed_ips = $6
where workspace_id = $1 and id = $2
;
