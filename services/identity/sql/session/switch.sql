update sessions
set current_workspace_id = $2, generation = generation + 1, rotated_at = $3, last_used_at = $3
where id = $1 and ended_at is null
returning generation
