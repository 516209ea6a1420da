insert into steps (execution_id, key, state, output, reason, finished_at) values ($1, $2, $3, $4, $5, $6)
