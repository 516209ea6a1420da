select step, attempt, state, reserved, input_tokens, output_tokens, body from calls where execution_id = $1
