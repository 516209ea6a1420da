-- Newest first: ids are in the order of time.
select item_id, description, currency, quantity, unit_amount, invoice_id, created_by, created_at
from invoice_items where workspace_id = $1 and ($2 is null or item_id < $2)
order by item_id desc
limit $3
