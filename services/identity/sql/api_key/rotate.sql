-- Of the texts before only the last one may work on.
update api_keys
set previous_sha256 = case when $7 then sha256 end, previous_until = $6, sha256 = $3, prefix = $4, rotated_at = $5
where workspace_id = $1 and id = $2
