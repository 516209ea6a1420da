select invoice_id from invoices where workspace_id = $1 and source = $2
