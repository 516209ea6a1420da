-- Newest first. Where nothing was owed there was no invoice, and its draft is void without a number.
select status, usage, usage_to from invoices
where workspace_id = $1 and subscription_id = $2 and usage_to is not null and (status <> 'void' or number is null)
order by usage_to desc
limit 12
