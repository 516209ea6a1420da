select seq, type as kind, data, at from events where execution_id = $1 and seq > $2 order by seq limit 200
