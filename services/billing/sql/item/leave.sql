update invoice_items set invoice_id = null where workspace_id = $1 and invoice_id = $2
