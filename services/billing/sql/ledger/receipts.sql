-- What money came for an invoice, and how much of it was given back and has arrived.
select t.source, cast(sum(f.amount) as bigint) as amount,
    cast(coalesce((
        select sum(case when r.kind = 'refund' and rf.credit like 'cash:%' then rf.amount
            when r.kind = 'refund_failed' and rf.debit like 'cash:%' then -rf.amount else 0 end)
        from ledger_transactions as r
        inner join ledger_transfers as rf on rf.workspace_id = r.workspace_id and rf.transaction_id = r.transaction_id
        where r.workspace_id = t.workspace_id
            and (r.source like 'refunded:' || substr(t.source, 10) || ':%'
                or r.source like 'refund_failed:' || substr(t.source, 10) || ':%')
    ), 0) as bigint) as refunded
from ledger_transactions as t
inner join ledger_transfers as f on f.workspace_id = t.workspace_id and f.transaction_id = t.transaction_id
where t.workspace_id = $1 and t.invoice_id = $2 and t.kind = 'payment' and f.debit like 'cash:%'
group by t.workspace_id, t.transaction_id, t.source
order by t.transaction_id desc
