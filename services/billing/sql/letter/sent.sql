-- It has left, whatever was decided of it meanwhile.
update letters set status = 'sent', sent_at = $4, recipient = $5, locale = $6, next_at = null, error = null
where workspace_id = $1 and invoice_id = $2 and kind = $3
