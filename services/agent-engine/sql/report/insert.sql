insert into reports (execution_id, body) values ($1, $2)
