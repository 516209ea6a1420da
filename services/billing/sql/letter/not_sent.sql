-- Nothing if somebody else has taken it up since.
update letters set status = $5, next_at = $6, error = $7
where workspace_id = $1 and invoice_id = $2 and kind = $3 and tries = $4 and status = 'queued'
