insert into mandates
    (workspace_id, mandate_id, provider, status, currency, billing_interval, first_at, instructions, created_at, look_at)
values ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9)
