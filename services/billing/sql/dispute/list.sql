-- For operators, newest first.
select workspace_id, dispute_id, provider, reference, invoice_id, received, currency, amount, status, reason, respond_by, opened_at
from disputes
where ($1 is null or workspace_id = $1) and ($2 is null or dispute_id < $2) and ($3 is null or status = $3)
order by dispute_id desc
limit $4
