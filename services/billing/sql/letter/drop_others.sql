-- Reminders that have not left when a newer one is queued.
update letters set status = 'dropped', next_at = null
where workspace_id = $1 and invoice_id = $2 and status = 'queued' and kind not in ('invoice', 'receipt', $3)
