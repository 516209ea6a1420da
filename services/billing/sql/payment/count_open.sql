-- A transfer is nobody's to ask for.
select count(*) as open from payments
where workspace_id = $1 and invoice_id = $2 and status = 'open' and provider <> 'manual'
