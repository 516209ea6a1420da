-- Newest first: ids are in the order of time.
select workspace_id, invoice_id, subscription_id, number, status, billing_reason, currency, draft, document, digest, total, change, usage,
    due_at, expires_at, created_at, finalized_at, paid_at, voided_at
from invoices
where workspace_id = $1 and status <> 'draft' and ($2 is null or invoice_id < $2)
order by invoice_id desc
limit $3
