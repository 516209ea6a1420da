-- Drafts that are to be closed, and open ones whose time is over.
select workspace_id, invoice_id from invoices
where (status = 'draft' and finalize_at <= $1) or (status = 'open' and expires_at <= $1)
order by created_at
limit 100
