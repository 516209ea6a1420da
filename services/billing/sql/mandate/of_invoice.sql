-- The one that is in force.
select m.reference, m.first_at, i.due_at from mandates as m
inner join invoices as i on i.workspace_id = m.workspace_id and i.currency = m.currency
where m.workspace_id = $1 and i.invoice_id = $2 and m.provider = $3 and m.status = 'active' and m.reference is not null
