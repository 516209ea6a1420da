select transaction_id, source, kind, invoice_id, note, at
from ledger_transactions
where workspace_id = $1 and ($2 is null or transaction_id < $2)
order by transaction_id desc
limit $3
