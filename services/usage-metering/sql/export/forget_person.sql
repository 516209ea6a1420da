update exports
set destination = $3, delivered_to = $4, delivery_error = $5
where workspace_id = $1 and id = $2
