select status from invoices where workspace_id = $1 and invoice_id = $2
