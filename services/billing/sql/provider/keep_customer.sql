insert into provider_customers (workspace_id, provider, customer, created_at) values ($1, $2, $3, $4)
on conflict (workspace_id, provider) do update set customer = excluded.customer, created_at = excluded.created_at
