select workspace_id, invoice_id from invoices
where status = 'open' and remind_at <= $1
order by remind_at
limit 100
