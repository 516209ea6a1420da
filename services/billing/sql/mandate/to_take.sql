-- Invoices of periods that are due soon, of which nothing was ordered by mandate, but what was cancelled for another amount. A mandate
-- is for periods of one length, and for nothing that was due before it begins.
select i.invoice_id from invoices as i
inner join subscriptions as s on s.workspace_id = i.workspace_id and s.subscription_id = i.subscription_id
where i.workspace_id = $1 and i.status = 'open' and i.billing_reason = 'subscription_cycle' and i.currency = $2 and i.due_at <= $3
    and s.billing_interval = $4 and i.due_at >= $5
    and not exists (
        select 1 from payments as p
        where p.workspace_id = i.workspace_id and p.invoice_id = i.invoice_id and p.method = 'pix_automatic' and p.status <> 'replaced')
order by i.created_at
limit 20
