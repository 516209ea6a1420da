delete from executions where id = $1
