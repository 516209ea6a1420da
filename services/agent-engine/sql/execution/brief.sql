select brief from executions where id = $1 and not is_doomed
