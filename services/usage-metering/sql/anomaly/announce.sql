-- Changes a row for whoever is the first to tell of this hour.
insert into usage_anomalies (workspace_id, at, found_at)
values ($1, $2, $3)
on conflict (workspace_id, at) do nothing
