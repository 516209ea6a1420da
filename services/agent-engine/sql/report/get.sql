select body from reports where execution_id = $1
