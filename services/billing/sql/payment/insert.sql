insert into payments
    (workspace_id, payment_id, invoice_id, provider, method, currency, amount, status, instructions, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, 'new', $8, $9, $10)
