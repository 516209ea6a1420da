-- The one that is live, or else the last.
select mandate_id, provider, reference, status, currency, billing_interval, first_at, instructions, created_at
from mandates where workspace_id = $1
order by mandate_id desc
limit 1
