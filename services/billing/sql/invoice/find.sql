select workspace_id from invoices where invoice_id = $1
