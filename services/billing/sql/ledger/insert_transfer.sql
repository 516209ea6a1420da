insert into ledger_transfers (workspace_id, transaction_id, n, debit, credit, currency, amount, invoice_id)
values ($1, $2, $3, $4, $5, $6, $7, $8)
