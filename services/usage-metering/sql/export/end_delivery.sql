-- How a try ended. The credential is of no use any more once nothing is tried again.
update exports
set
    delivery = $4, deliver_at = $5, delivery_failures = delivery_failures + $6, delivery_error = $7, delivered_at = $8,
    delivered_to = $9, credential = case when $4 = 'waiting' then credential end
where workspace_id = $1 and id = $2 and delivery_tries = $3 and delivery = 'waiting' and status = 'done'
