-- The newest: one that was for another amount is older.
select payment_id, invoice_id, provider, method, currency, amount, reference, instructions, expires_at
from payments
where workspace_id = $1 and invoice_id = $2 and method = $3 and status in ('new', 'open') and expires_at > $4
order by payment_id desc
limit 1
