update invoices set remind_at = $3 where workspace_id = $1 and invoice_id = $2
