insert into disputes
    (workspace_id, dispute_id, provider, reference, invoice_id, payment_id, received, currency, amount, status, reason, respond_by,
        opened_at, asked_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (provider, reference) do update
set amount = excluded.amount, status = excluded.status, reason = excluded.reason, respond_by = excluded.respond_by,
    asked_at = excluded.asked_at
where disputes.workspace_id = excluded.workspace_id
