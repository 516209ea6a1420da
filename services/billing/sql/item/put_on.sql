update invoice_items set invoice_id = $3 where workspace_id = $1 and item_id = $2 and invoice_id is null
