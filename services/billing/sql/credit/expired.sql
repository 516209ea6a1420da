-- A page of those whose time is over, after the last one that was seen.
select workspace_id, grant_id, currency, expires_at from credit_grants
where not is_over and expires_at <= $1 and (expires_at, grant_id) > ($2, $3)
order by expires_at, grant_id
limit 100
