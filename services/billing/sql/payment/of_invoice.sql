select payment_id, invoice_id, provider, method, currency, amount, reference, instructions, expires_at
from payments where workspace_id = $1 and invoice_id = $2 and reference is not null
order by payment_id desc
