-- Something can be ordered by it.
update mandates set look_at = $2 where workspace_id = $1 and status = 'active'
