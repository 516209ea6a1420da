select plan from executions where id = $1
