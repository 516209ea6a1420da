select debit, credit, currency, amount
from ledger_transfers
where workspace_id = $1 and transaction_id = $2
order by n
