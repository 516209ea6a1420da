select item_id, description, currency, quantity, unit_amount, invoice_id, created_by, created_at
from invoice_items where workspace_id = $1 and source = $2
