update exports
set status = 'expired'
where workspace_id = $1 and id = $2 and status = 'done'
