update redemptions set status = $3, updated_at = $4 where workspace_id = $1 and invoice_id = $2 and status = 'reserved'
