select t.source, f.debit, f.credit, f.currency, f.amount
from ledger_transactions as t
inner join ledger_transfers as f on f.workspace_id = t.workspace_id and f.transaction_id = t.transaction_id
where t.workspace_id = $1 and t.invoice_id = $2 and t.kind = $3
order by t.transaction_id, f.n
