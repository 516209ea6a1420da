-- To whom it was sent so far, while somebody delivers it.
update exports
set letters = $4
where workspace_id = $1 and id = $2 and delivery_tries = $3 and delivery = 'waiting' and status = 'done'
