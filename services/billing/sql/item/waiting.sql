select item_id, description, currency, quantity, unit_amount, invoice_id, created_by, created_at
from invoice_items where workspace_id = $1 and invoice_id is null and currency = $2
order by item_id
