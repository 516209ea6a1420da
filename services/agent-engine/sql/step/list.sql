select key, state, output, reason from steps where execution_id = $1
