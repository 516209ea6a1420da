select m.first_at, i.due_at from mandates as m
inner join invoices as i on i.workspace_id = m.workspace_id and i.currency = m.currency
inner join subscriptions as s
    on s.workspace_id = i.workspace_id and s.subscription_id = i.subscription_id and s.billing_interval = m.billing_interval
where m.workspace_id = $1 and i.invoice_id = $2 and m.status = 'active' and i.status = 'open'
    and i.billing_reason = 'subscription_cycle'
    and not exists (
        select 1 from payments as p
        where p.workspace_id = i.workspace_id and p.invoice_id = i.invoice_id and p.method = 'pix_automatic' and p.status = 'gone')
