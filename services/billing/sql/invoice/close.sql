update invoices
set status = 'open', number = $3, document = $4, digest = $5, total = $6, finalized_at = $7, draft = null, finalize_at = null,
    remind_at = $8
where workspace_id = $1 and invoice_id = $2 and status = 'draft'
