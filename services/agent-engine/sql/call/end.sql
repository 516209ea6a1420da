update calls set state = $4, input_tokens = $5, output_tokens = $6, duration_ms = $7
where execution_id = $1 and step = $2 and attempt = $3 and state = 'started'
