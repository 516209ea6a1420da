-- Reports of several doors arrive in any order; time goes forward only.
update api_keys
set last_used_at = $3
where workspace_id = $1 and id = $2 and (last_used_at is null or last_used_at < $3)
