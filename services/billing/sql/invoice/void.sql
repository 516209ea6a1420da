update invoices set status = 'void', voided_at = $3, finalize_at = null
where workspace_id = $1 and invoice_id = $2 and status in ('draft', 'open')
