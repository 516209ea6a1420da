-- Of many who spend the same token at once, one changes the row; the others find that it has changed.
update sessions
set generation = generation + 1, rotated_at = $3, last_used_at = $3, current_workspace_id = $4, address = coalesce($5, address)
where id = $1 and generation = $2 and ended_at is null
