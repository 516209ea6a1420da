-- What the time before was charged with: it ends where this one begins.
select usage from invoices
where workspace_id = $1 and subscription_id = $2 and usage_to = $3 and document is not null and status <> 'void'
order by invoice_id desc
limit 1
