-- Invoices of periods that are due soon, of which nothing was ordered by mandate that the provider knows of. A mandate is for periods of
-- one length.
select i.invoice_id from invoices as i
inner join subscriptions as s on s.workspace_id = i.workspace_id and s.subscription_id = i.subscription_id
where i.workspace_id = $1 and i.status = 'open' and i.billing_reason = 'subscription_cycle' and i.currency = $2 and i.due_at <= $3
    and s.billing_interval = $4
    and not exists (
        select 1 from payments as p
        where p.workspace_id = i.workspace_id and p.invoice_id = i.invoice_id and p.method = 'pix_automatic'
            and p.reference is not null)
order by i.created_at
limit 20
