insert into events (execution_id, seq, type, data, at) values ($1, $2, $3, $4, $5)
