select grant_id from credit_grants
where workspace_id = $1 and invoice_id = $2 and currency = $3
order by grant_id
