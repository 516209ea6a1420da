insert into responses (workspace_id, response_id, previous_response_id, provider_id, created_at, until, size, sealed)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (workspace_id, response_id) do nothing
