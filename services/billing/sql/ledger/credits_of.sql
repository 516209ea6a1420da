-- The credits that have paid something of an invoice.
select distinct debit as account from ledger_transfers
where workspace_id = $1 and invoice_id = $2 and debit like 'credits:%'
