select workspace_id, invoice_id, subscription_id, number, status, billing_reason, currency, draft, document, digest, total, change, usage,
    due_at, expires_at, created_at, finalized_at, paid_at, voided_at
from invoices
where ($1 is null or workspace_id = $1) and ($2 is null or invoice_id < $2)
    and (status = $3 or ($3 is null and number is not null))
order by invoice_id desc
limit $4
