select f.amount, t.invoice_id
from ledger_transactions as t
inner join ledger_transfers as f on f.workspace_id = t.workspace_id and f.transaction_id = t.transaction_id
where t.workspace_id = $1 and t.source = $2
order by f.n
