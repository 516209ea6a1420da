update payments set look_at = $3
where workspace_id = $1 and invoice_id = $2 and status in ('new', 'open') and reference is not null
