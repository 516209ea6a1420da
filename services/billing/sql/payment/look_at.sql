-- Not later than it is going to be asked for anyway.
update payments set look_at = $3
where workspace_id = $1 and payment_id = $2 and (look_at is null or look_at > $3)
