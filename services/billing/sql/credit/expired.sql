select workspace_id, grant_id, currency from credit_grants
where not is_over and expires_at <= $1
order by expires_at
limit 100
