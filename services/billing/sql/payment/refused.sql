-- There is nothing to look after.
update payments set status = 'gone', look_at = null where workspace_id = $1 and payment_id = $2 and status = 'open'
