-- How much of some money was written down as given back.
select cast(coalesce(sum(f.amount), 0) as bigint) as amount
from ledger_transactions as t
inner join ledger_transfers as f on f.workspace_id = t.workspace_id and f.transaction_id = t.transaction_id
where t.workspace_id = $1 and t.kind = 'refund' and t.source like $2 || '%' and f.credit like 'cash:%'
