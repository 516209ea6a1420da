select account, cast(sum(amount) as bigint) as amount
from (
    select credit as account, amount from ledger_transfers where workspace_id = $1 and credit like 'credits:%'
    union all
    select debit as account, -amount as amount from ledger_transfers where workspace_id = $1 and debit like 'credits:%'
) as both_sides
group by account
