-- Of many who ask at once one does.
update domains set checked_at = $3
where workspace_id = $1 and domain = $2 and (checked_at is null or checked_at <= $4)
