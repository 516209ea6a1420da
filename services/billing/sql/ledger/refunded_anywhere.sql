-- How much of some money was written down as given back, and how much of that did not arrive, whosever it was.
select
    cast(coalesce(sum(case when t.kind = 'refund' and f.credit like 'cash:%' then f.amount else 0 end), 0) as bigint) as refunded,
    cast(coalesce(sum(case when t.kind = 'refund_failed' and f.debit like 'cash:%' then f.amount else 0 end), 0) as bigint) as failed
from ledger_transactions as t
inner join ledger_transfers as f on f.workspace_id = t.workspace_id and f.transaction_id = t.transaction_id
where t.source like 'refunded:' || $1 || ':%' or t.source like 'refund_failed:' || $1 || ':%'
