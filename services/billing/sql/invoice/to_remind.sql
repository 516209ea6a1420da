-- A page of those of which to remind, after the last one that was seen.
select workspace_id, invoice_id, remind_at from invoices
where status = 'open' and remind_at <= $1 and (remind_at, invoice_id) > ($2, $3)
order by remind_at, invoice_id
limit 100
