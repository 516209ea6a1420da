-- No other process works on this database: whoever holds a lease is gone. Who was gone before stays so since then.
update executions set lease_until = $1 where finished_at is null and lease_until > $1
