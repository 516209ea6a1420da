-- What mandates pay: of one invoice, or all of them.
update payments set look_at = $3
where workspace_id = $1 and ($2 is null or invoice_id = $2) and method = 'pix_automatic' and status = 'open'
