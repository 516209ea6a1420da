select payment_id, invoice_id, provider, method, currency, amount, reference, instructions, expires_at
from payments where workspace_id = $1 and payment_id = $2
