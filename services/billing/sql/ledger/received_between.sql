-- What of a payment came as cash, whatever became of it.
select t.source, t.invoice_id, f.currency, cast(sum(f.amount) as bigint) as amount, t.at
from ledger_transactions as t
inner join ledger_transfers as f on f.workspace_id = t.workspace_id and f.transaction_id = t.transaction_id
where t.kind = 'payment' and t.source like $1 || '%' and t.at >= $2 and t.at < $3 and f.debit like 'cash:%'
group by t.source, t.invoice_id, f.currency, t.at
