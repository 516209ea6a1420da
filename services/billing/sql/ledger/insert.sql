-- Writes nothing where there is a transaction of this source.
insert into ledger_transactions (workspace_id, transaction_id, source, kind, invoice_id, note, at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (workspace_id, source) do nothing
