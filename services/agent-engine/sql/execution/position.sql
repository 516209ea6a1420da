select last_event from executions where id = $1
