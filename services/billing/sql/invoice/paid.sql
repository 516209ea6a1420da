update invoices set status = 'paid', paid_at = $3 where workspace_id = $1 and invoice_id = $2 and status = 'open'
