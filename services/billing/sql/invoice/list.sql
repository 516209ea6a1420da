-- Newest first: ids are in the order of time. What has no number was never sent to anybody.
select workspace_id, invoice_id, subscription_id, number, status, billing_reason, currency, draft, document, digest, total, change, usage,
    due_at, expires_at, created_at, finalized_at, paid_at, voided_at
from invoices
where workspace_id = $1 and number is not null and ($2 is null or invoice_id < $2)
    and ($4 is null or finalized_at >= $4) and ($5 is null or finalized_at < $5)
order by invoice_id desc
limit $3
