-- Of several processes that saw it due, one changes the row.
update exports
set delivery_tries = delivery_tries + 1, deliver_at = $4
where workspace_id = $1 and id = $2 and delivery_tries = $3 and delivery = 'waiting' and status = 'done'
