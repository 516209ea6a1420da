select account, currency, cast(sum(amount) as bigint) as balance
from (
    select debit as account, currency, amount from ledger_transfers where workspace_id = $1
    union all
    select credit as account, currency, -amount as amount from ledger_transfers where workspace_id = $1
) as both_sides
group by account, currency
order by account, currency
