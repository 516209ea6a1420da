-- What is left to pay of an invoice, and what money was paid for it less what was given back.
select
    cast(coalesce(sum(case when debit = 'receivable' then amount when credit = 'receivable' then -amount else 0 end), 0)
        as bigint) as remaining,
    cast(coalesce(sum(case
        when credit = 'receivable' and debit like 'cash:%' then amount
        when debit = 'receivable' and (credit like 'cash:%' or credit like 'credits:%') then -amount
        else 0 end), 0) as bigint) as paid
from ledger_transfers
where workspace_id = $1 and invoice_id = $2
