update invoices set usage = $3 where workspace_id = $1 and invoice_id = $2 and status = 'draft'
