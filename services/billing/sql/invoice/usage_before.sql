-- What the time before was charged with: it ends where this one begins. Where nothing was owed there was no invoice, and
-- its draft is void without a number.
select usage from invoices
where workspace_id = $1 and subscription_id = $2 and usage_to = $3 and status <> 'draft'
    and (status <> 'void' or number is null)
order by invoice_id desc
limit 1
