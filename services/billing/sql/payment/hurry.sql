update payments set look_at = $3
where workspace_id = $1 and invoice_id = $2 and status = 'open' and provider <> 'manual' and look_at > $4
