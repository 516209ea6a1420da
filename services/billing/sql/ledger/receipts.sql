-- What money came for an invoice, and how much of it was given back.
select t.source, f.amount,
    cast(coalesce((
        select sum(rf.amount)
        from ledger_transactions as r
        inner join ledger_transfers as rf on rf.workspace_id = r.workspace_id and rf.transaction_id = r.transaction_id
        where r.workspace_id = t.workspace_id and r.kind = 'refund' and rf.credit like 'cash:%'
            and r.source like 'refunded:' || substr(t.source, 10) || ':%'
    ), 0) as bigint) as refunded
from ledger_transactions as t
inner join ledger_transfers as f on f.workspace_id = t.workspace_id and f.transaction_id = t.transaction_id
where t.workspace_id = $1 and t.invoice_id = $2 and t.kind = 'payment' and f.debit like 'cash:%'
order by t.transaction_id desc
