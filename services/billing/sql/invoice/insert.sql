-- Inserts nothing where there is one for this already.
insert into invoices
    (workspace_id, invoice_id, source, subscription_id, status, billing_reason, currency, draft, change, finalize_at, due_at,
    expires_at, created_at, usage, usage_to)
values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (workspace_id, source) do nothing
