insert into credit_grants
    (workspace_id, grant_id, category, currency, amount, note, invoice_id, created_at, expires_at, is_over)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, false)
