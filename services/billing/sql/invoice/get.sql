select workspace_id, invoice_id, subscription_id, number, status, billing_reason, currency, draft, document, digest, total, change, usage,
    due_at, expires_at, created_at, finalized_at, paid_at, voided_at
from invoices where workspace_id = $1 and invoice_id = $2
