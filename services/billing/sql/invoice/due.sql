-- Drafts that are to be closed, and open ones whose time is over: a page of them, after the last one that was seen.
select workspace_id, invoice_id, created_at from invoices
where ((status = 'draft' and finalize_at <= $1) or (status = 'open' and expires_at <= $1)) and (created_at, invoice_id) > ($2, $3)
order by created_at, invoice_id
limit 100
