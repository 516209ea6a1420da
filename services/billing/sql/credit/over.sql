-- Nothing is left of them: they were used up, or have expired.
update credit_grants set is_over = true where workspace_id = $1 and grant_id = $2
