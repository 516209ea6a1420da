-- What was written down of a dispute.
select
    count(distinct t.transaction_id) as transactions,
    cast(coalesce(sum(case when f.credit like 'cash:%' then f.amount when f.debit like 'cash:%' then -f.amount else 0 end), 0)
        as bigint) as withdrawn,
    cast(coalesce(sum(case when f.debit = 'revenue:disputes' then f.amount when f.credit = 'revenue:disputes' then -f.amount
        else 0 end), 0) as bigint) as lost
from ledger_transactions as t
inner join ledger_transfers as f on f.workspace_id = t.workspace_id and f.transaction_id = t.transaction_id
where t.workspace_id = $1 and t.source like $2 || '%'
