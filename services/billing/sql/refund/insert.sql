insert into refunds (workspace_id, source, refund_id, invoice_id, payment_id, received, amount, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (workspace_id, source) do nothing
