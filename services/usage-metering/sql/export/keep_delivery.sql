-- Whoever delivers it lives. No row: it was deleted, or somebody else delivers it by now.
update exports
set deliver_at = $4
where workspace_id = $1 and id = $2 and delivery_tries = $3 and delivery = 'waiting' and status = 'done'
