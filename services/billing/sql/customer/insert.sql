insert into customers (workspace_id, details, updated_at) values ($1, $2, $3)
on conflict (workspace_id) do nothing
