delete from usage_reservations where workspace_id = $1 and source = $2 and id = $3
