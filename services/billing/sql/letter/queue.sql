-- Inserts nothing where it is there already, whatever has become of it.
insert into letters (workspace_id, invoice_id, kind, recipient, status, tries, next_at, created_at)
values ($1, $2, $3, $4, 'queued', 0, $5, $5)
on conflict (workspace_id, invoice_id, kind) do nothing
