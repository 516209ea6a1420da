select cast(coalesce(sum(amount), 0) as bigint) as amount
from (
    select amount from ledger_transfers where workspace_id = $1 and credit = $2
    union all
    select -amount as amount from ledger_transfers where workspace_id = $1 and debit = $2
) as both_sides
