select status, expires_at from invoices where workspace_id = $1 and invoice_id = $2
