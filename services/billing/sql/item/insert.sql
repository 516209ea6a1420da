-- Inserts nothing where there is one of this request already.
insert into invoice_items
    (workspace_id, item_id, source, description, currency, quantity, unit_amount, invoice_id, created_by, created_at)
values ($1, $2, $3, $4, $5, $6, $7, null, $8, $9)
on conflict (workspace_id, source) do nothing
