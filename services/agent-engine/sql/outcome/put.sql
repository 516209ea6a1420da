insert into outcomes (execution_id, metric, day, value, recorded_at) values ($1, $2, $3, $4, $5)
on conflict (execution_id, metric, day) do update set value = excluded.value, recorded_at = excluded.recorded_at
